// Any bytes give a value or an error: damaged forms of every valid packet, through the same check
// that the fuzz targets use. Run under the address sanitizer these tests also find overreads, for
// each datagram lies in a heap block of its own size.
#include <gtest/gtest.h>

#include "tests/transport/wire/decode_check.h"
#include "tests/transport/wire/wire_samples.h"
#include "transport/wire/codec.h"

namespace hawser::wire {
namespace {

using samples::all_packets;
using samples::Bytes;
using samples::decode_and_check;
using samples::kIdSize;

bool verifies(const Bytes& datagram) {
  if (!count_packets(datagram, kIdSize)) return false;
  const auto view = parse_packet(datagram, kIdSize);
  if (!view) return false;
  if (view->type != PacketType::data) {
    const bool is_spoken = !has_long_header(view->type) || view->version == kVersion1 ||
                           view->type == PacketType::version;
    return is_spoken && verify_plain_packet(*view);
  }
  const auto number =
      expand_packet_number(view->truncated_number, view->number_size, samples::kDataNumber);
  return view->destination_id == samples::server_id() &&
         verify_data_packet(*view, make_pseudo_header(samples::server_id(), samples::client_id()),
                            number);
}

TEST(DecoderRobustnessTest, TheSamplesAreValid) {
  std::size_t frames = 0;
  for (const Bytes& packet : all_packets()) {
    const auto decoded = decode_and_check(packet, kIdSize);
    EXPECT_TRUE(decoded.is_valid);
    EXPECT_EQ(decoded.packets, 1U);
    EXPECT_TRUE(verifies(packet));
    frames += decoded.frames;
  }
  EXPECT_GE(frames, 15U);
}

TEST(DecoderRobustnessTest, EveryTruncationIsRejected) {
  for (const Bytes& packet : all_packets()) {
    for (std::size_t size = 0; size < packet.size(); ++size) {
      const Bytes cut(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size));
      decode_and_check(cut, kIdSize);
      ASSERT_FALSE(verifies(cut)) << size << " of " << packet.size() << " bytes";
    }
  }
}

TEST(DecoderRobustnessTest, EveryExtensionIsRejected) {
  for (const Bytes& packet : all_packets()) {
    for (const unsigned byte : {0x00U, 0x01U, 0x80U, 0xffU}) {
      Bytes longer = packet;
      longer.push_back(static_cast<std::uint8_t>(byte));
      decode_and_check(longer, kIdSize);
      ASSERT_FALSE(verifies(longer));
    }
  }
}

TEST(DecoderRobustnessTest, EveryFlippedBitIsRejected) {
  for (const Bytes& packet : all_packets()) {
    for (std::size_t bit = 0; bit < 8 * packet.size(); ++bit) {
      Bytes flipped = packet;
      flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      decode_and_check(flipped, kIdSize);
      ASSERT_FALSE(verifies(flipped)) << "bit " << bit;
    }
  }
}

TEST(DecoderRobustnessTest, EveryHeaderByteTakesEveryValue) {
  for (const Bytes& packet : all_packets()) {
    Bytes changed = packet;
    for (std::size_t i = 0; i < std::min<std::size_t>(packet.size(), 48); ++i) {
      for (unsigned value = 0; value < 256; ++value) {
        changed[i] = static_cast<std::uint8_t>(value);
        decode_and_check(changed, kIdSize);
      }
      changed[i] = packet[i];
    }
  }
}

TEST(DecoderRobustnessTest, RandomBytesAreDecodedOrRefused) {
  SeededRandom random(61);
  for (int i = 0; i < 30'000; ++i) {
    Bytes bytes(random.below(120));
    random.fill(bytes);
    decode_and_check(bytes, random.below(ConnectionId::kSizeMax + 1));
    samples::decode_and_check_frames(bytes);
  }
}

}  // namespace
}  // namespace hawser::wire
