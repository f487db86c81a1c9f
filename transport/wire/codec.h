#pragma once
/// Bytes to packets and frames, and back. Decoding is total: any bytes give a value or an error.
/// Pure functions and small values; nothing here allocates or keeps state between calls.

#include <optional>
#include <span>

#include "hawser/result.h"
#include "transport/wire/frame.h"
#include "transport/wire/packet.h"
#include "transport/wire/transport_parameters.h"

namespace hawser::wire {

class ByteWriter;

// ---- Datagram to packets -------------------------------------------------------------------

/// Finds the packet at the start of `datagram`; the next one, if any, starts behind `view.packet`.
/// `local_id_size`: how long the destination ids are that we hand out (short headers do not say).
/// A long packet's version is not judged here. Of an unknown version only the invariant part
/// (version and ids) is decoded, `packet` spans the whole datagram and `type` is `init`: look at
/// the version first.
/// Errors: `truncated`, `malformed`.
Result<PacketView> parse_packet(std::span<const std::uint8_t> datagram, std::size_t local_id_size);

/// Whether every packet of a datagram can be found and all but the first are addressed to the same
/// id as the first (WIRE_FORMAT s2): a damaged length must not split one packet into two.
/// Errors: `truncated`, `malformed`.
Result<std::size_t> count_packets(std::span<const std::uint8_t> datagram,
                                  std::size_t local_id_size);

/// The full packet number: of those that end in the truncated one, the closest to `expected`
/// (RFC 9000 A.3).
PacketNumber expand_packet_number(std::uint32_t truncated, std::size_t size, PacketNumber expected);
/// Bytes needed so that the peer, who has acknowledged `largest_acked`, expands `number` rightly: 2
/// or 4 (RFC 9000 A.2, rounded up). `number` may be at most 2^31 above (asserted).
std::size_t packet_number_size(PacketNumber number, std::optional<PacketNumber> largest_acked);

/// The part of the pseudo-header that a connection's direction keeps: ids by their owner,
/// `destination` being the receiver of the packets.
PseudoHeader make_pseudo_header(const ConnectionId& destination, const ConnectionId& source);
/// Verifies a data packet, number bit included, against the pseudo-header and its full number.
bool verify_data_packet(const PacketView& view, PseudoHeader pseudo_header, PacketNumber number);
/// Verifies a long packet or a reset: their ids and number stand in the packet in full.
bool verify_plain_packet(const PacketView& view);

// ---- Payload to frames ---------------------------------------------------------------------

/// Reads the frames of one payload, one after the other. After an error it is at its end.
class FrameReader {
 public:
  explicit FrameReader(std::span<const std::uint8_t> payload) : rest_(payload) {}
  bool at_end() const { return rest_.empty(); }
  /// What was not read yet.
  std::span<const std::uint8_t> rest() const { return rest_; }
  /// Must not be called at the end (asserted). Errors: `truncated`, `malformed`.
  Result<Frame> next();

 private:
  std::span<const std::uint8_t> rest_;
};

/// Visits the ranges of a parsed ACK frame from the largest numbers downwards.
class AckRangeReader {
 public:
  explicit AckRangeReader(const AckRanges& ranges);
  /// The next lower range, or nothing.
  std::optional<AckRange> next();

 private:
  AckRanges ranges_;
  std::optional<AckRange> current_;
};

// ---- Handshake bodies ----------------------------------------------------------------------

struct InitBody {
  std::span<const std::uint8_t> token{};  ///< a RETRY cookie or an earlier connection's token
  TransportParameters parameters{};
  std::span<const std::uint8_t> encoded_parameters{};
  std::span<const std::uint8_t> payload{};  ///< the application's opaque handshake payload
};
struct AcceptBody {
  PacketNumber acknowledged_init{};  ///< the INIT that this answers: an RTT sample
  Duration ack_delay{0};
  TransportParameters parameters{};
  std::span<const std::uint8_t> payload{};
};
struct RefuseBody {
  CloseReason reason = CloseReason::refused;
  std::uint64_t application_code = 0;
  std::span<const std::uint8_t> phrase{};
};
inline constexpr std::size_t kCookieSizeMax = 64;
inline constexpr std::size_t kTokenSizeMax = 64;
/// The largest opaque payload that fits an INIT of the smallest datagram beside all parameters.
inline constexpr std::size_t kHandshakePayloadMax = 512;

Result<InitBody> parse_init(std::span<const std::uint8_t> payload);
Result<AcceptBody> parse_accept(std::span<const std::uint8_t> payload);
Result<RefuseBody> parse_refuse(std::span<const std::uint8_t> payload);
/// The cookie of a RETRY.
Result<std::span<const std::uint8_t>> parse_retry(std::span<const std::uint8_t> payload);
/// Whether the VERSION packet's list holds `version`. Errors: `malformed` if it is no list.
Result<bool> version_list_has(std::span<const std::uint8_t> payload, std::uint32_t version);

/// What the ACCEPT proves about the INIT: a hash over version, ids, parameters and payload as seen.
std::uint64_t transcript_of_init(const PacketView& view, const InitBody& body);

// ---- Values to bytes -----------------------------------------------------------------------

/// Everything that a long header says.
struct LongHeader {
  PacketType type = PacketType::init;
  std::uint32_t version = kVersion1;
  ConnectionId destination_id{};
  ConnectionId source_id{};
  PacketNumber number{};  ///< sent in full, below 2^32
};
/// Everything that a short header says.
struct ShortHeader {
  ConnectionId destination_id{};
  PacketNumber number{};
  std::size_t number_size = 4;  ///< 2 or 4
  bool immediate_ack = false;
};

/// Writes one data packet into a buffer: header, frames that fit, padding, trailer. Frame writers
/// return false, and write nothing, where the frame does not fit before the trailer.
class PacketWriter {
 public:
  /// `space` is all that the packet may take, its trailer included; it must hold header and trailer
  /// (asserted).
  PacketWriter(std::span<std::uint8_t> space, const ShortHeader& header);

  /// Bytes left for frames.
  std::size_t remaining() const { return space_.size() - kChecksumSize - size_; }
  /// Bytes written so far, header included, trailer not.
  std::size_t size() const { return size_; }
  bool has_frames() const { return size_ > header_size_; }
  /// Bytes of frames written so far.
  std::size_t frame_bytes() const { return size_ - header_size_; }

  bool write(const PingFrame& frame);
  /// Writes as many of `ranges` as fit, the largest numbers first; at least one or fails.
  /// `ranges` must be descending and not empty (asserted).
  bool write_ack(std::span<const AckRange> ranges, const AckFrame& frame);
  bool write(const AckFrequencyFrame& frame);
  bool write(const SkipFrame& frame);
  bool write(const WindowFrame& frame);
  bool write(const PathChallengeFrame& frame);
  bool write(const PathResponseFrame& frame);
  bool write(const CloseFrame& frame);
  bool write(const SegmentFrame& frame);

  /// How many bytes of its message, from `offset` on, a segment with these fields can carry here; 0
  /// where not even its header fits. Exact if `frame.bytes` are those that are left to send: only a
  /// frame that holds all of a message goes without offset and total. They may be left empty; then
  /// a message that fits as a whole is taken for whole.
  std::size_t segment_capacity(const SegmentFrame& frame) const;

  /// The header flag may be decided last.
  void set_immediate_ack();
  /// Pads to `size_min` (trailer included), appends the trailer. Returns the packet's size.
  std::size_t finish(PseudoHeader pseudo_header, PacketNumber number, ByteCount size_min);

 private:
  /// A writer over the bytes left for frames.
  ByteWriter frame_space() const;
  /// Takes over what a frame writer wrote, if all of it fitted.
  bool commit(const ByteWriter& writer);

  std::span<std::uint8_t> space_;
  std::size_t header_size_ = 0;
  std::size_t size_ = 0;
};

/// Handshake and stateless packets, written whole. Each returns the size, or 0 if `space` is too
/// small. An INIT is padded to `padded_size`; its `encoded_parameters` are not looked at. A
/// REFUSE's phrase is cut where the packet would exceed `kStatelessAnswerSizeMax`.
std::size_t write_init(std::span<std::uint8_t> space, const LongHeader& header,
                       const InitBody& body, ByteCount padded_size);
std::size_t write_accept(std::span<std::uint8_t> space, const LongHeader& header,
                         const AcceptBody& body);
std::size_t write_retry(std::span<std::uint8_t> space, const LongHeader& header,
                        std::span<const std::uint8_t> cookie);
std::size_t write_refuse(std::span<std::uint8_t> space, const LongHeader& header,
                         const RefuseBody& body);
std::size_t write_version(std::span<std::uint8_t> space, const ConnectionId& destination,
                          const ConnectionId& source);
std::size_t write_reset(std::span<std::uint8_t> space,
                        std::span<const std::uint8_t, kResetTokenSize> token);

}  // namespace hawser::wire
