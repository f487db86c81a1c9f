// CRC32C by each engine that this processor runs, over sizes from an acknowledgement to a large
// datagram. Every received byte passes here, so this bounds all else.

#include <numeric>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "transport/wire/checksum.h"

namespace hawser::wire {
namespace {

void run_engine(benchmark::State& state, const ChecksumEngine& engine) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(state.range(0)));
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{1});
  std::uint32_t crc = 0;
  for (auto _ : state) benchmark::DoNotOptimize(crc = engine.extend(crc, bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

[[maybe_unused]] const bool kAreRegistered = [] {
  for (const ChecksumEngine& engine : checksum_engines()) {
    if (!engine.is_available) continue;
    benchmark::RegisterBenchmark(("Crc32c/" + std::string(engine.name)).c_str(), run_engine, engine)
        ->Arg(64)
        ->Arg(1200)
        ->Arg(65507);
  }
  return true;
}();

}  // namespace
}  // namespace hawser::wire
