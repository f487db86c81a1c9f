#pragma once
/// Frames, packets and bytes for the tests of the wire: random ones, fixed ones, and comparisons.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hawser/random.h"
#include "transport/wire/codec.h"

namespace hawser::wire::samples {

using Bytes = std::vector<std::uint8_t>;

/// Hex digits to bytes; anything else between them is passed over.
Bytes from_hex(std::string_view text);
std::string to_hex(std::span<const std::uint8_t> bytes);

/// The bytes 0, 1, 2, ... as an id of `size` bytes, starting with `first`.
ConnectionId make_id(std::size_t size, std::uint8_t first);

/// A number below 2^62 of a random magnitude, so that every size of a varint is as likely.
std::uint64_t random_varint(RandomSource& random);
/// Random bytes that live as long as the program.
std::span<const std::uint8_t> random_bytes(RandomSource& random, std::size_t size_max);
/// Descending ranges that do not touch, as an ACK lists them.
std::vector<AckRange> random_ack_ranges(RandomSource& random, std::size_t count);
/// One valid frame of any type but ACK, whose ranges are not part of its value.
Frame random_frame(RandomSource& random);
/// The fields of an ACK beside its ranges.
AckFrame random_ack_fields(RandomSource& random);
TransportParameters random_parameters(RandomSource& random);

/// A fixed INIT, ACCEPT, RETRY, REFUSE, VERSION, reset and two data packets, the data packets with
/// one frame of each type between them and ids of `kIdSize` bytes.
std::vector<Bytes> all_packets();
inline constexpr std::size_t kIdSize = 8;
/// The ids of the fixed packets, and the number of the data packets.
ConnectionId client_id();
ConnectionId server_id();
inline constexpr PacketNumber kDataNumber{0x1a2b3c4d5e};

std::vector<AckRange> ranges_of(const AckRanges& ranges);
bool same(const Frame& a, const Frame& b);
bool same(const TransportParameters& a, const TransportParameters& b);
bool same(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

/// Writes a frame of any type but PADDING.
bool write_any(PacketWriter& writer, const Frame& frame);

}  // namespace hawser::wire::samples
