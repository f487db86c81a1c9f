// Writes the seeds of the corpora: valid packets and frames of every kind, and each cut short.
// Argument: the corpus folder.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <variant>

#include "tests/transport/wire/wire_samples.h"
#include "transport/wire/codec.h"

namespace {

namespace fs = std::filesystem;
namespace samples = hawser::wire::samples;
using hawser::wire::Frame;
using hawser::wire::PacketWriter;
using samples::Bytes;

void save(const fs::path& path, std::span<const std::uint8_t> bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

/// A datagram as the target takes it: the size of our ids in front.
Bytes input_of(std::span<const std::uint8_t> datagram) {
  Bytes input(1 + datagram.size(), samples::kIdSize);
  std::copy(datagram.begin(), datagram.end(), input.begin() + 1);
  return input;
}

void save_datagrams(const fs::path& folder) {
  const auto packets = samples::all_packets();
  for (std::size_t i = 0; i < packets.size(); ++i) {
    const std::string name = "packet_" + std::to_string(i);
    save(folder / name, input_of(packets[i]));
    save(folder / (name + "_cut"), input_of(std::span(packets[i]).first(packets[i].size() / 2)));
  }
  // An ACCEPT with data behind it; the data must name the client, as the ACCEPT does.
  Bytes together = packets[3];
  Bytes data = packets[0];
  const auto id = samples::client_id();
  std::copy(id.bytes().begin(), id.bytes().end(), data.begin() + 1);
  together.insert(together.end(), data.begin(), data.end());
  save(folder / "accept_and_data", input_of(together));
}

/// The bytes of one frame, as in a packet with room to spare.
Bytes frame_bytes(const Frame& frame) {
  Bytes space(2048);
  PacketWriter writer(space, {.destination_id = {}, .number = {}});
  const std::size_t header_size = writer.size();
  samples::write_any(writer, frame);
  const auto written = std::span(space).first(writer.size()).subspan(header_size);
  return Bytes(written.begin(), written.end());
}

void save_frames(const fs::path& folder) {
  hawser::SeededRandom random(91);
  std::array<int, std::variant_size_v<Frame>> saved{};
  for (int i = 0; i < 400; ++i) {
    const Frame frame = samples::random_frame(random);
    const Bytes bytes = frame_bytes(frame);
    // A few small ones of each type.
    if (bytes.size() > 200 || saved[frame.index()] == 4) continue;
    const int count = ++saved[frame.index()];
    save(folder / ("frame_" + std::to_string(frame.index()) + "_" + std::to_string(count)), bytes);
  }
  for (int i = 0; i < 4; ++i) {
    Bytes space(2048);
    PacketWriter writer(space, {.destination_id = {}, .number = {}});
    const std::size_t header_size = writer.size();
    const std::size_t ranges = std::size_t{1} << (2 * i);
    writer.write_ack(samples::random_ack_ranges(random, ranges),
                     samples::random_ack_fields(random));
    save(folder / ("ack_of_" + std::to_string(ranges)),
         std::span(space).first(writer.size()).subspan(header_size));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: hawser_make_corpus <corpus folder>\n");
    return 2;
  }
  const fs::path corpus(argv[1]);
  save_datagrams(corpus / "decode_datagram");
  save_frames(corpus / "frame_reader");
  return 0;
}
