#pragma once
/// Answers to datagrams that belong to no connection: RETRY, VERSION, REFUSE and RESET, kept as
/// bytes until they leave, and nothing about whom they go to beyond that.
///
/// Bounded in number and size, so that a flood of spoofed datagrams can make the endpoint neither
/// grow nor amplify: an answer is never larger than what drew it (a reset is smaller, so that two
/// endpoints cannot bounce resets, RFC 9000 s10.3.3), and resets are spaced. Owned by the endpoint.
/// Not thread-safe.

#include <array>
#include <optional>

#include "transport/connection/connection_api.h"

namespace hawser {

struct Transmit;
struct TransmitBuffer;

/// What an answer goes back to.
struct AnswerTrigger {
  NetworkPath path;
  ByteCount size{0};                       ///< of the datagram
  const wire::PacketView* view = nullptr;  ///< the packet in it
};

class StatelessAnswers {
 public:
  static constexpr std::size_t kAnswersMax = 100;
  static constexpr Duration kResetInterval = std::chrono::milliseconds(20);

  // Each queues one answer, or returns false where a bound holds it back.
  [[nodiscard]] bool retry(const AnswerTrigger& trigger, std::span<const std::uint8_t> cookie);
  [[nodiscard]] bool version(const AnswerTrigger& trigger);
  [[nodiscard]] bool refuse(const AnswerTrigger& trigger, const wire::RefuseBody& body);
  [[nodiscard]] bool reset(TimePoint now, const AnswerTrigger& trigger, const ResetToken& token);

  /// The oldest answer, one datagram. `buffer.bytes` must hold it (asserted).
  std::optional<Transmit> poll_transmit(TransmitBuffer& buffer);

 private:
  struct Answer {
    NetworkPath path;
    std::size_t size = 0;
    std::array<std::uint8_t, wire::kStatelessAnswerSizeMax.size()> bytes{};
  };
  /// Where the next answer may be written, or an empty span if the queue is full.
  std::span<std::uint8_t> space();
  /// Queues what was written there, unless it is nothing or larger than `size_max`.
  bool queue(const AnswerTrigger& trigger, std::size_t size, ByteCount size_max);

  std::array<Answer, kAnswersMax> answers_{};
  std::size_t head_ = 0;
  std::size_t count_ = 0;
  std::optional<TimePoint> last_reset_;
};

}  // namespace hawser
