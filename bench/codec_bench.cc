// Data packets to bytes and back, checksum included: what each datagram costs beside the kernel.

#include <array>
#include <vector>

#include <benchmark/benchmark.h>

#include "transport/wire/codec.h"

namespace hawser::wire {
namespace {

constexpr std::size_t kIdSize = 8;
constexpr PacketNumber kNumber{1'000'000};

const ConnectionId kReceiver(std::array<std::uint8_t, kIdSize>{1, 2, 3, 4, 5, 6, 7, 8});
const ConnectionId kSender(std::array<std::uint8_t, kIdSize>{9, 10, 11, 12, 13, 14, 15, 16});

/// One packet with an acknowledgement of three ranges and a segment of `size` bytes.
std::size_t write_packet(std::span<std::uint8_t> space, const PseudoHeader& pseudo_header,
                         std::span<const std::uint8_t> message) {
  PacketWriter writer(space, {.destination_id = kReceiver, .number = kNumber, .number_size = 4});
  const std::array<AckRange, 3> ranges{AckRange{PacketNumber(900), PacketNumber(999)},
                                       AckRange{PacketNumber(500), PacketNumber(897)},
                                       AckRange{PacketNumber(10), PacketNumber(490)}};
  SegmentFrame segment;
  segment.sequence = Sequence(77'000);
  segment.message_number = 5;
  segment.total = ByteCount::of(message.size());
  segment.bytes = message;
  writer.write_ack(ranges, AckFrame{});
  writer.write(segment);
  return writer.finish(pseudo_header, kNumber, ByteCount(0));
}

void WritePacket(benchmark::State& state) {
  std::vector<std::uint8_t> space(1500);
  const std::vector<std::uint8_t> message(static_cast<std::size_t>(state.range(0)), 7);
  const PseudoHeader pseudo_header = make_pseudo_header(kReceiver, kSender);
  std::size_t size = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(size = write_packet(space, pseudo_header, message));
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}
BENCHMARK(WritePacket)->Arg(0)->Arg(200)->Arg(1100);

void ReadPacket(benchmark::State& state) {
  std::vector<std::uint8_t> space(1500);
  const std::vector<std::uint8_t> message(static_cast<std::size_t>(state.range(0)), 7);
  const PseudoHeader pseudo_header = make_pseudo_header(kReceiver, kSender);
  const std::size_t size = write_packet(space, pseudo_header, message);
  const std::span<const std::uint8_t> datagram = std::span(space).first(size);
  for (auto _ : state) {
    const auto view = parse_packet(datagram, kIdSize);
    if (!view || !verify_data_packet(*view, pseudo_header, kNumber)) {
      state.SkipWithError("the packet does not read back");
      break;
    }
    FrameReader reader(view->payload);
    while (!reader.at_end()) benchmark::DoNotOptimize(reader.next());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}
BENCHMARK(ReadPacket)->Arg(0)->Arg(200)->Arg(1100);

}  // namespace
}  // namespace hawser::wire
