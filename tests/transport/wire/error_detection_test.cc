// Proof that a receiver rejects every error of 1, 2 or 3 bits and every burst of up to 32 bits in a
// whole packet of 1232 bytes, type and length bits included.
//
// 1. Where the damaged packet is read as it was meant, the checksum alone decides, and it is
// linear:
//    all pairs of bits against all single bits cover errors of three bits; a window of 32 bits
//    whose syndromes are independent has no burst that is missed. [LinearDetectionTest]
// 2. A data packet is read otherwise only if damage hits its first byte, its id or its number. The
//    id must be known. All sets of up to three bits of the header go through the real receiver; for
//    those that are not rejected at once the syndrome left over is looked for among the other bits.
//    A burst cannot reach from the first byte over the id to the number, so it lies in the first
//    byte (all values are tried), hits the id, or begins in the number. There it matters only if
//    the receiver guesses the unsent part of the number wrong, by one: the one burst that hides
//    this from the checksum is computed and tried. [DataPacketDetectionTest]
// 3. The same for all numbers, all sizes of ids and all smaller packets, by algebra.
//    [AnyDataPacketDetectionTest]
// 4. An INIT fills its datagram, so however its header is read, the checksum covers the same bytes:
//    the linear part is the whole proof. [InitDetectionTest]
// The machinery is checked against brute force, and must find what a weaker format would miss.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/transport/wire/crc_algebra.h"
#include "tests/transport/wire/wire_samples.h"
#include "transport/wire/checksum.h"
#include "transport/wire/codec.h"
#include "transport/wire/packet_layout.h"

namespace hawser::wire {
namespace {

using samples::BurstWindow;
using samples::Bytes;
using samples::client_id;
using samples::kIdSize;
using samples::server_id;
using samples::Syndromes;
using samples::SyndromeSet;

constexpr std::size_t kPacketSize = 1232;
constexpr std::size_t kPacketBits = 8 * kPacketSize;
constexpr std::size_t kBurst = 32;

const Syndromes& syndromes() {
  static const Syndromes kSyndromes(kPacketSize);
  return kSyndromes;
}

void flip(Bytes& packet, std::size_t bit) {
  packet[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
}
/// Flips the bits of a burst that begins at `start`.
void flip_burst(Bytes& packet, std::size_t start, std::uint32_t pattern) {
  for (std::size_t i = 0; i < kBurst; ++i) {
    if ((pattern >> i & 1) != 0) flip(packet, start + i);
  }
}

/// Calls `visit(set)` for all sets of 1 to `flips` of `bits`, the packet damaged accordingly.
template <typename Visit>
void for_each_damage(Bytes& packet, const std::vector<std::size_t>& bits, std::size_t flips,
                     const Visit& visit) {
  std::vector<std::size_t> set;
  const auto extend = [&](const auto& self, std::size_t first) -> void {
    for (std::size_t i = first; i < bits.size(); ++i) {
      flip(packet, bits[i]);
      set.push_back(bits[i]);
      visit(set);
      if (set.size() < flips) self(self, i + 1);
      set.pop_back();
      flip(packet, bits[i]);
    }
  };
  extend(extend, 0);
}

std::vector<std::size_t> bits_of_bytes(std::size_t first_byte, std::size_t count) {
  std::vector<std::size_t> bits;
  for (std::size_t bit = 8 * first_byte; bit < 8 * (first_byte + count); ++bit) bits.push_back(bit);
  return bits;
}

std::uint32_t syndrome_of(const std::vector<std::size_t>& bits) {
  std::uint32_t syndrome = 0;
  for (const std::size_t bit : bits) syndrome ^= syndromes().packet()[bit];
  return syndrome;
}

// ---- Receivers -----------------------------------------------------------------------------

/// A connection that expects data packets.
struct DataReceiver {
  PacketNumber expected;

  static PseudoHeader pseudo_header() { return make_pseudo_header(server_id(), client_id()); }

  std::optional<PacketView> parse(const Bytes& datagram) const {
    if (!count_packets(datagram, kIdSize)) return std::nullopt;
    const auto view = parse_packet(datagram, kIdSize);
    if (!view || view->type != PacketType::data) return std::nullopt;
    if (view->destination_id != server_id()) return std::nullopt;
    return *view;
  }
  PacketNumber number_of(const PacketView& view) const {
    return expand_packet_number(view.truncated_number, view.number_size, expected);
  }
  /// The library's own path.
  bool accepts(const Bytes& datagram) const {
    const auto view = parse(datagram);
    return view && verify_data_packet(*view, pseudo_header(), number_of(*view));
  }
  /// How far the checksum is from right, where nothing but it and the number bit is judged.
  std::optional<std::uint32_t> residual(const Bytes& datagram) const {
    const auto view = parse(datagram);
    if (!view) return std::nullopt;
    const auto covered = view->packet.first(view->packet.size() - kChecksumSize);
    return data_packet_checksum(covered, pseudo_header(), number_of(*view)) ^
           read_trailer(view->packet.last<kChecksumSize>());
  }
  /// The same, or nothing where the number bit rejects the packet.
  std::optional<std::uint32_t> examine(const Bytes& datagram) const {
    const auto view = parse(datagram);
    if (!view) return std::nullopt;
    const bool number_bit = (datagram[0] & kNumberBit) != 0;
    const bool is_right = number_bit == number_bit_of(number_of(*view), view->number_size);
    return is_right ? residual(datagram) : std::nullopt;
  }
};

/// A data packet of 1232 bytes and a receiver that expects about its number.
struct DataCase {
  PacketNumber number;
  std::size_t number_size;
  DataReceiver receiver;

  Bytes packet() const {
    SeededRandom random(71);
    Bytes message(1100);
    random.fill(message);
    Bytes space(kPacketSize);
    PacketWriter writer(
        space,
        ShortHeader{.destination_id = server_id(), .number = number, .number_size = number_size});
    SegmentFrame frame{.sequence = Sequence(1000), .message_number = 5, .bytes = message};
    frame.total = ByteCount::of(message.size());
    writer.write(frame);
    writer.finish(DataReceiver::pseudo_header(), number, ByteCount::of(kPacketSize));
    return space;
  }
  std::string name() const {
    return "number " + std::to_string(number.value()) + " in " + std::to_string(number_size) +
           " bytes, expected " + std::to_string(receiver.expected.value());
  }
};

/// Numbers on all sides of the boundaries of their unsent part, received early, in time and late.
std::vector<DataCase> data_cases() {
  constexpr std::uint64_t kLast = PacketNumber::last().value();
  SeededRandom random(72);
  std::vector<std::uint64_t> numbers{5,           0x1234,      0x7fff,       0xffff,
                                     0x10000,     0x17fff,     0x18000,      0x1fffe,
                                     0x7fffffff,  0x80000000,  0xffffffff,   0x100000000,
                                     0x17fffffff, 0x1ffffffff, 0x1a2b3c4d5e, kLast - 3};
  for (int i = 0; i < 4; ++i) numbers.push_back(random.next() >> 2);
  std::vector<DataCase> cases;
  for (const std::size_t size : {std::size_t{2}, std::size_t{4}}) {
    const std::uint64_t reach = (std::uint64_t{1} << (8 * size - 1)) - 2;
    for (const std::uint64_t number : numbers) {
      for (const std::uint64_t expected :
           {number, number + reach, number > reach ? number - reach : 0}) {
        cases.push_back({.number = PacketNumber(number),
                         .number_size = size,
                         .receiver = {.expected = PacketNumber(std::min(expected, kLast))}});
      }
    }
  }
  return cases;
}

/// A server that takes INITs from anyone.
struct InitReceiver {
  std::optional<PacketView> parse(const Bytes& datagram) const {
    if (!count_packets(datagram, kIdSize)) return std::nullopt;
    const auto view = parse_packet(datagram, kIdSize);
    if (!view || view->type != PacketType::init || view->version != kVersion1) return std::nullopt;
    return *view;
  }
  bool accepts(const Bytes& datagram) const {
    const auto view = parse(datagram);
    return view && verify_plain_packet(*view);
  }
};

Bytes long_packet(PacketType type) {
  SeededRandom random(73);
  Bytes payload(kHandshakePayloadMax);
  random.fill(payload);
  Bytes space(kPacketSize);
  const LongHeader header{.type = type,
                          .destination_id = server_id(),
                          .source_id = client_id(),
                          .number = PacketNumber(0x8a3b1c4d)};
  if (type == PacketType::init) {
    InitBody body;
    body.parameters = samples::random_parameters(random);
    body.payload = payload;
    space.resize(write_init(space, header, body, ByteCount::of(kPacketSize)));
  } else {
    AcceptBody body;
    body.parameters = samples::random_parameters(random);
    body.payload = payload;
    space.resize(write_accept(space, header, body));
  }
  return space;
}

// ---- 1. Packets that are read as they were meant -------------------------------------------

TEST(LinearDetectionTest, SyndromesAreWhatTheChecksumDoes) {
  const Bytes original = long_packet(PacketType::init);
  const auto residual = [](const Bytes& packet) {
    const auto bytes = std::span(packet);
    return crc32c(bytes.first(kPacketSize - kChecksumSize)) ^ read_trailer(bytes.last<4>());
  };
  ASSERT_EQ(residual(original), 0U);
  Bytes packet = original;
  for (std::size_t bit = 0; bit < kPacketBits; ++bit) {
    flip(packet, bit);
    ASSERT_EQ(residual(packet), syndromes().packet()[bit]) << "bit " << bit;
    flip(packet, bit);
  }
  SeededRandom random(74);
  for (int i = 0; i < 2000; ++i) {
    Bytes damaged = original;
    std::vector<std::size_t> bits(1 + random.below(40));
    for (auto& bit : bits) flip(damaged, bit = random.below(kPacketBits));
    ASSERT_EQ(residual(damaged), syndrome_of(bits));
  }
}

TEST(LinearDetectionTest, SyndromesOfTheNumberAreWhatThePseudoHeaderDoes) {
  SeededRandom random(75);
  const DataCase data{.number = PacketNumber(7), .number_size = 2, .receiver = {}};
  const Bytes packet = data.packet();
  const auto covered = std::span(packet).first(kPacketSize - kChecksumSize);
  const auto checksum = [&](std::uint64_t number) {
    return data_packet_checksum(covered, DataReceiver::pseudo_header(), PacketNumber(number));
  };
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t a = samples::random_varint(random);
    const std::uint64_t b = samples::random_varint(random);
    ASSERT_EQ(checksum(a) ^ checksum(b), syndromes().of_number((a ^ b) & ~std::uint64_t{0xffff}));
  }
}

/// Whether some error of one, two or three bits has the syndrome zero: all pairs are formed, and
/// for each the third bit that would hide it is looked for.
bool misses_up_to_three_bits(std::span<const std::uint32_t> bits) {
  const SyndromeSet set(bits);
  if (set.holds(0) || set.has_duplicates()) return true;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    for (std::size_t k = i + 1; k < bits.size(); ++k) {
      if (set.holds(bits[i] ^ bits[k])) return true;
    }
  }
  return false;
}

TEST(LinearDetectionTest, EveryErrorOfUpToThreeBitsIsFound) {
  EXPECT_FALSE(misses_up_to_three_bits(syndromes().packet()));
}

/// The first window of `size` consecutive bits in which some burst has the syndrome zero.
std::optional<std::size_t> window_that_misses(std::span<const std::uint32_t> bits,
                                              std::size_t size) {
  for (std::size_t start = 0; start + size <= bits.size(); ++start) {
    if (BurstWindow(bits.subspan(start, size)).rank() < size) return start;
  }
  return std::nullopt;
}

TEST(LinearDetectionTest, EveryBurstOfUpTo32BitsIsFound) {
  EXPECT_EQ(window_that_misses(syndromes().packet(), kBurst), std::nullopt);
}

TEST(LinearDetectionTest, CountedFromTheHighestBitOfAByteEveryBurstOfUpTo31BitsIsFound) {
  std::vector<std::uint32_t> highest_first(kPacketBits);
  for (std::size_t i = 0; i < kPacketBits; ++i) highest_first[i] = syndromes().packet()[i ^ 7];
  EXPECT_EQ(window_that_misses(highest_first, 31), std::nullopt);
}

TEST(LinearDetectionTest, AWeakerChecksumIsFoundOut) {
  std::vector<std::uint32_t> sixteen_bits(syndromes().packet().begin(), syndromes().packet().end());
  for (auto& syndrome : sixteen_bits) syndrome &= 0xffff;
  EXPECT_TRUE(misses_up_to_three_bits(sixteen_bits));
  EXPECT_NE(window_that_misses(sixteen_bits, kBurst), std::nullopt);
}

TEST(LinearDetectionTest, ATrailerInNetworkOrderWouldMissBursts) {
  std::vector<std::uint32_t> swapped(syndromes().packet().begin(), syndromes().packet().end());
  const auto trailer = std::span(swapped).last<8 * kChecksumSize>();
  for (std::size_t i = 0; i < 16; ++i) std::swap(trailer[i], trailer[(3 - i / 8) * 8 + i % 8]);
  EXPECT_NE(window_that_misses(swapped, kBurst), std::nullopt);
}

// ---- 2. Data packets -----------------------------------------------------------------------

/// All bits behind the longest header and what a wrong size of the number would read.
constexpr std::size_t kHeaderReach = 1 + kIdSize + 4;

/// No error of up to three bits, of which at least one is in `header_bits`, is accepted.
void expect_detection(const DataCase& data, const std::vector<std::size_t>& header_bits) {
  static const SyndromeSet kOtherBits(syndromes().packet().subspan(8 * kHeaderReach));
  Bytes packet = data.packet();
  ASSERT_TRUE(data.receiver.accepts(packet)) << data.name();
  for_each_damage(packet, header_bits, 3, [&](const std::vector<std::size_t>& set) {
    const auto syndrome = data.receiver.examine(packet);
    ASSERT_EQ(data.receiver.accepts(packet), syndrome == 0U);
    if (!syndrome) return;
    ASSERT_FALSE(kOtherBits.reaches(*syndrome, 3 - set.size()))
        << data.name() << ", first bit " << set[0] << " of " << set.size();
  });
}

TEST(DataPacketDetectionTest, EveryErrorOfUpToThreeBitsInAWholePacketIsRejected) {
  for (const std::size_t size : {std::size_t{2}, std::size_t{4}}) {
    const PacketNumber number(0x1a2b3c4d5e);
    const DataCase data{.number = number, .number_size = size, .receiver = {.expected = number}};
    expect_detection(data, bits_of_bytes(0, kHeaderReach));
  }
}

TEST(DataPacketDetectionTest, TheSameForNumbersAtEveryBoundary) {
  for (const DataCase& data : data_cases()) {
    std::vector<std::size_t> bits = bits_of_bytes(0, 1);
    const auto number_bits = bits_of_bytes(1 + kIdSize, data.number_size);
    bits.insert(bits.end(), number_bits.begin(), number_bits.end());
    expect_detection(data, bits);
    if (HasFatalFailure()) return;
  }
}

TEST(DataPacketDetectionTest, EveryValueOfTheFirstByteIsRejected) {
  for (const DataCase& data : data_cases()) {
    Bytes packet = data.packet();
    const std::uint8_t original = packet[0];
    for (unsigned value = 0; value < 256; ++value) {
      packet[0] = static_cast<std::uint8_t>(value);
      ASSERT_EQ(data.receiver.accepts(packet), value == original) << data.name();
    }
  }
}

TEST(DataPacketDetectionTest, BurstsThatReachTheIdAreRejected) {
  SeededRandom random(76);
  const DataCase data{.number = samples::kDataNumber,
                      .number_size = 4,
                      .receiver = {.expected = samples::kDataNumber}};
  const Bytes original = data.packet();
  for (std::size_t start = 0; start < 8 * (1 + kIdSize); ++start) {
    for (int i = 0; i < 300; ++i) {
      Bytes packet = original;
      const auto pattern = static_cast<std::uint32_t>(random.next()) | 1;
      flip_burst(packet, start, pattern);
      const bool hits_id =
          !std::equal(packet.begin() + 1, packet.begin() + 1 + kIdSize, original.begin() + 1);
      ASSERT_FALSE(data.receiver.accepts(packet));
      ASSERT_TRUE(!hits_id || !data.receiver.parse(packet));
    }
  }
}

/// The packet damaged by each burst that begins in the number and that the checksum would not see
/// if it made the receiver guess the unsent part one higher or lower.
std::vector<Bytes> bursts_that_hide_a_wrong_guess(const DataCase& data) {
  const std::uint64_t unsent = data.number.value() >> (8 * data.number_size);
  const Bytes original = data.packet();
  std::vector<Bytes> damaged;
  for (const std::uint64_t wrong : {unsent - 1, unsent + 1}) {
    if (wrong == unsent - 1 && unsent == 0) continue;
    const std::uint64_t difference = (unsent ^ wrong) << (8 * data.number_size);
    for (const std::size_t start : bits_of_bytes(1 + kIdSize, data.number_size)) {
      const BurstWindow window(syndromes().packet().subspan(start, kBurst));
      const auto pattern = window.solve(syndromes().of_number(difference));
      if (!pattern) continue;
      damaged.push_back(original);
      flip_burst(damaged.back(), start, *pattern);
    }
  }
  return damaged;
}

TEST(DataPacketDetectionTest, BurstsThatHideAWrongGuessOfTheNumberAreRejected) {
  std::size_t unseen_by_checksum = 0;
  for (const DataCase& data : data_cases()) {
    for (const Bytes& packet : bursts_that_hide_a_wrong_guess(data)) {
      EXPECT_FALSE(data.receiver.accepts(packet)) << data.name();
      if (data.receiver.residual(packet) == 0U) ++unseen_by_checksum;
    }
  }
  // The bursts are real: without the number bit in the first byte they would be accepted.
  EXPECT_GT(unseen_by_checksum, 100U);
}

TEST(DataPacketDetectionTest, RandomDamageIsRejected) {
  // Brute force beside the algebra; few bits, bursts, and both near the header.
  SeededRandom random(77);
  const auto cases = data_cases();
  for (int i = 0; i < 50'000; ++i) {
    const DataCase& data = cases[random.below(cases.size())];
    static Bytes packet;
    if (i % 500 == 0 || packet.empty()) packet = data.packet();
    const auto original = parse_packet(packet, kIdSize);
    const DataReceiver receiver{.expected = PacketNumber(original->truncated_number)};
    Bytes damaged = packet;
    const std::size_t reach = i % 2 == 0 ? kPacketBits : 8 * kHeaderReach;
    if (i % 3 == 0) {
      flip_burst(damaged, random.below(reach - kBurst),
                 static_cast<std::uint32_t>(random.next()) | 1);
    } else {
      for (std::uint64_t flips = 1 + random.below(3); flips > 0; --flips) {
        flip(damaged, random.below(reach));
      }
    }
    ASSERT_TRUE(damaged == packet || !receiver.accepts(damaged));
  }
}

// ---- 3. Data packets of any number, id size and smaller size -------------------------------

/// The bits of a header with an id of `id_size` bytes. Syndromes of places in it depend on their
/// distance to the number in the pseudo-header only, whatever follows.
struct HeaderBits {
  std::size_t id_size;
  std::uint32_t number_bit() const { return syndromes().packet()[5]; }
  std::span<const std::uint32_t> number(std::size_t number_size) const {
    return syndromes().packet().subspan(8 * (1 + id_size), 8 * number_size);
  }
  std::span<const std::uint32_t> behind() const {
    return syndromes().packet().subspan(8 * (1 + id_size));
  }
};

/// What the unsent part of a number differs by from its neighbours: ...01, ...011, ...0111 and so
/// on.
std::vector<std::uint64_t> neighbour_differences(std::size_t number_size) {
  std::vector<std::uint64_t> differences;
  const std::size_t sent_bits = 8 * number_size;
  for (std::size_t bits = 1; bits <= 62 - sent_bits; ++bits) {
    differences.push_back(((std::uint64_t{1} << bits) - 1) << sent_bits);
  }
  return differences;
}

TEST(AnyDataPacketDetectionTest, AWrongGuessOfTheNumberIsFoundWithinThreeFlips) {
  // The number bit must be flipped too, and a bit of the number: one flip is left.
  for (std::size_t id_size = 4; id_size <= ConnectionId::kSizeMax; ++id_size) {
    const HeaderBits header{id_size};
    const SyndromeSet others(header.behind());
    for (const std::size_t size : {std::size_t{2}, std::size_t{4}}) {
      for (const std::uint64_t difference : neighbour_differences(size)) {
        const std::uint32_t base = header.number_bit() ^ syndromes().of_number(difference);
        for (const std::uint32_t bit : header.number(size)) {
          ASSERT_FALSE(others.reaches(base ^ bit, 1)) << "id of " << id_size << " bytes";
        }
      }
    }
  }
}

TEST(AnyDataPacketDetectionTest, AWrongSizeOfTheNumberIsFound) {
  // All three size bits must be flipped, so no others of an error of three bits; a burst may flip
  // two more of the first byte. The middle 16 bits are sent in one size only and may be anything.
  std::vector<std::uint64_t> differences = neighbour_differences(4);
  differences.push_back(0);
  const auto bits = syndromes().packet();
  const std::uint32_t size_bits = bits[0] ^ bits[1] ^ bits[2];
  for (const std::uint64_t high : differences) {
    const std::uint32_t base = size_bits ^ syndromes().of_number(high);
    for (std::uint64_t middle = 0; middle <= 0xffff; ++middle) {
      const std::uint32_t syndrome = base ^ syndromes().of_number(middle << 16);
      ASSERT_NE(syndrome, 0U);
      ASSERT_NE(syndrome, bits[4]);
      ASSERT_NE(syndrome, bits[5]);
      ASSERT_NE(syndrome, bits[4] ^ bits[5]);
    }
  }
}

TEST(AnyDataPacketDetectionTest, NoBurstReachesFromTheFirstByteToTheNumber) {
  constexpr std::size_t kSmallestId = 4;
  constexpr std::size_t kNumberBitPlace = 5;
  EXPECT_GT(8 * (1 + kSmallestId) - kNumberBitPlace + 1, kBurst);
}

// ---- 4. Long packets -----------------------------------------------------------------------

/// No damage to up to `flips` of `bits` of an INIT is accepted, and what is still read as one is
/// checked over the whole datagram. Returns how much damage is read so.
std::size_t expect_whole_inits(const std::vector<std::size_t>& bits, std::size_t flips) {
  const InitReceiver receiver;
  Bytes packet = long_packet(PacketType::init);
  EXPECT_TRUE(receiver.accepts(packet));
  std::size_t read_as_init = 0;
  for_each_damage(packet, bits, flips, [&](const auto& set) {
    ASSERT_FALSE(receiver.accepts(packet)) << "first bit " << set[0] << " of " << set.size();
    const auto view = receiver.parse(packet);
    if (!view) return;
    ++read_as_init;
    ASSERT_EQ(view->packet.size(), kPacketSize);
  });
  return read_as_init;
}

TEST(InitDetectionTest, WhateverIsReadAsAnInitIsCoveredAsAWhole) {
  constexpr std::size_t kSourceSizeAt = 1 + 4 + 1 + kIdSize;
  constexpr std::size_t kLengthAt = kSourceSizeAt + 1 + kIdSize;
  constexpr std::size_t kHeaderSize = kLengthAt + 2 + 4;
  // Ids and numbers are anything, so most damage to them is read.
  EXPECT_GT(expect_whole_inits(bits_of_bytes(0, kHeaderSize), 2), 10'000U);
  // All that decides how the packet is read: type, version, sizes and length.
  std::vector<std::size_t> bits = bits_of_bytes(0, 6);
  for (const auto& more : {bits_of_bytes(kSourceSizeAt, 1), bits_of_bytes(kLengthAt, 2)}) {
    bits.insert(bits.end(), more.begin(), more.end());
  }
  expect_whole_inits(bits, 3);
}

TEST(InitDetectionTest, DamagedSizesOfIdsLeaveTheChecksumToDecide) {
  const InitReceiver receiver;
  const Bytes original = long_packet(PacketType::init);
  for (unsigned destination = 0; destination < 256; ++destination) {
    for (unsigned source = 0; source < 256; ++source) {
      Bytes packet = original;
      packet[5] = static_cast<std::uint8_t>(destination);
      packet[6 + kIdSize] = static_cast<std::uint8_t>(source);
      const auto view = receiver.parse(packet);
      ASSERT_TRUE(!view || view->packet.size() == kPacketSize);
      ASSERT_EQ(receiver.accepts(packet), packet == original);
    }
  }
}

TEST(LongPacketDetectionTest, NoOtherLengthIsAccepted) {
  // An ACCEPT may be followed by packets to the same id; what a wrong length leaves is none.
  for (const PacketType type : {PacketType::init, PacketType::accept}) {
    Bytes packet = long_packet(type);
    const std::size_t at = 1 + 4 + 1 + kIdSize + 1 + kIdSize;
    const unsigned original = unsigned{packet[at]} << 8 | packet[at + 1];
    for (unsigned length = 0; length <= 0xffff; ++length) {
      packet[at] = static_cast<std::uint8_t>(length >> 8);
      packet[at + 1] = static_cast<std::uint8_t>(length);
      ASSERT_EQ(count_packets(packet, kIdSize).has_value(), length == original) << length;
    }
  }
}

}  // namespace
}  // namespace hawser::wire
