// What an acknowledgement costs the sender, by how many packets are under way: the work must follow
// what is newly acknowledged, not what is in flight.

#include <chrono>

#include <benchmark/benchmark.h>

#include "arq/sent_packet_log.h"
#include "hawser/memory_pool.h"

namespace hawser {
namespace {

/// Sends two packets and takes an acknowledgement of the two oldest, with `in_flight` in between.
void AcknowledgeTwo(benchmark::State& state) {
  MemoryPool pool(ByteCount(1 << 28));
  SentPacketLog log(pool);
  TimePoint now{std::chrono::seconds(1)};
  const auto send = [&] {
    if (!log.reserve(1)) state.SkipWithError("no memory");
    const PacketItem item{1, 1, 1};
    log.add({.sent_time = now,
             .bytes = ByteCount(1200),
             .is_ack_eliciting = true,
             .is_in_flight = true,
             .is_app_limited = false,
             .items = {&item, 1}});
  };
  for (std::int64_t i = 0; i < state.range(0); ++i) send();
  PacketNumber oldest;
  for (auto _ : state) {
    now += std::chrono::microseconds(10);
    send();
    send();
    if (log.on_ack_range(oldest, oldest.next())) state.SkipWithError("refused");
    oldest = oldest + 2;
    benchmark::DoNotOptimize(log.delivery_rate(now, std::chrono::milliseconds(1)));
    log.clear_settled();
    log.forget(now - std::chrono::seconds(1));
  }
  state.SetItemsProcessed(2 * state.iterations());
}
BENCHMARK(AcknowledgeTwo)->Arg(16)->Arg(1024)->Arg(65536);

}  // namespace
}  // namespace hawser
