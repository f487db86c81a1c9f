#pragma once
/// Frames as values. A parsed frame is valid by construction: every length has been checked, every
/// number lies in its range. Spans point into the datagram and live as long as it does.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "hawser/ecn.h"
#include "hawser/error.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::wire {

/// The most ranges that one ACK frame carries.
inline constexpr std::size_t kAckRangesMax = 64;
/// The longest phrase of a CLOSE or REFUSE.
inline constexpr std::size_t kClosePhraseMax = 64;
/// The most entries of one SKIP frame.
inline constexpr std::size_t kSkipRangesMax = 8;

/// First byte of a frame. SEGMENT and UNSEQUENCED carry flags in their low bits.
enum class FrameType : std::uint8_t {
  padding = 0x00,
  ping = 0x01,
  ack_frequency = 0x04,
  skip = 0x05,
  receipt = 0x06,  ///< reserved
  window = 0x07,
  ack = 0x08,  ///< 0x08..0x0b: bit 0 ECN counts, bit 1 receive credit
  path_challenge = 0x0c,
  path_response = 0x0d,
  close = 0x0e,
  repair = 0x0f,       ///< reserved
  unsequenced = 0x20,  ///< 0x20..0x3f
  segment = 0x40       ///< 0x40..0x7f
};

/// Receive credit: how far the peer may go. Both only ever grow.
struct Credit {
  Sequence sequence_limit{};   ///< first Sequence that may not be sent yet
  ByteCount message_limit{0};  ///< total charge of all messages that may be begun (flow control)
  auto operator<=>(const Credit&) const = default;
};

/// An inclusive range of packet numbers.
struct AckRange {
  PacketNumber smallest{};
  PacketNumber largest{};
  auto operator<=>(const AckRange&) const = default;
};

/// Encoded ranges that were validated when the frame was parsed; read from the largest downwards.
struct AckRanges {
  PacketNumber largest{};
  std::uint64_t first_length = 0;           ///< numbers below `largest` in the first range
  std::size_t more = 0;                     ///< further ranges in `encoded`
  std::span<const std::uint8_t> encoded{};  ///< `more` pairs of varints (gap, length)
};

struct PaddingFrame {
  std::size_t count = 0;  ///< consecutive padding bytes, taken as one frame
};
struct PingFrame {};
struct AckFrame {
  AckRanges ranges{};
  Duration delay{
      0};  ///< between the largest number's arrival and this frame; microseconds on the wire
  std::optional<EcnCounts> ecn{};
  std::optional<Credit> credit{};
};
/// The sender of data asks how often it wants to be acknowledged.
struct AckFrequencyFrame {
  std::uint64_t request_number = 0;  ///< newer requests replace older ones
  std::uint64_t packet_tolerance = 2;
  Duration max_ack_delay{0};
  std::uint64_t reordering_threshold = 1;
};
struct SequenceRange {
  Sequence smallest{};
  Sequence largest{};
  auto operator<=>(const SequenceRange&) const = default;
};
/// Sequences that will never carry anything (again): their bytes left under new ones. Ascending.
struct SkipFrame {
  std::size_t count = 0;
  std::array<SequenceRange, kSkipRangesMax> ranges{};
};
struct WindowFrame {
  Credit credit{};
};
struct PathChallengeFrame {
  std::array<std::uint8_t, 8> data{};
};
struct PathResponseFrame {
  std::array<std::uint8_t, 8> data{};
};
struct CloseFrame {
  CloseReason reason = CloseReason::none;
  std::uint64_t application_code = 0;
  std::span<const std::uint8_t> phrase{};
};

/// Which line of messages a segment belongs to. Each (channel, line) numbers its messages from 0.
enum class MessageLine : std::uint8_t { ordered, unordered, unreliable };

/// A byte range of one message. With `sequence` in a SEGMENT, without in an UNSEQUENCED frame.
struct SegmentFrame {
  std::optional<Sequence> sequence{};  ///< absent: unreliable
  MessageLine line = MessageLine::ordered;
  ChannelId channel{};
  std::uint64_t message_number = 0;  ///< within (channel, line)
  ByteCount offset{0};
  ByteCount total{0};                               ///< size of the whole message
  std::optional<std::uint32_t> message_checksum{};  ///< CRC32C of the whole message
  std::span<const std::uint8_t> bytes{};

  bool is_whole_message() const {
    return offset == ByteCount(0) && total == ByteCount::of(bytes.size());
  }
};

using Frame =
    std::variant<PaddingFrame, PingFrame, AckFrame, AckFrequencyFrame, SkipFrame, WindowFrame,
                 PathChallengeFrame, PathResponseFrame, CloseFrame, SegmentFrame>;

/// Whether a packet with this frame must be acknowledged: all but PADDING, ACK and CLOSE.
bool is_ack_eliciting(const Frame& frame);

}  // namespace hawser::wire
