#pragma once
/// Decides how often the peer should acknowledge what we send, and when to ask it to.
///
/// Eight acknowledgements in a round trip tell a paced sender all it needs, so one is asked for
/// every eighth of what a round trip delivers, at least every second packet, and after a quarter of
/// the round trip. Where the way back loses more than a quarter of what the peer sends, it is the
/// bottleneck: half as many are asked for, and again, until it does not (RFC 5690 s4.2, after
/// RFC 4341 s6.1). Owned by a connection; a plain value; not thread-safe.
/// draft-ietf-quic-ack-frequency s4, s6.

#include <cstdint>
#include <optional>

#include "arq/ack_scheduler.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser {

class AckFrequency {
 public:
  /// RFC 9000 s13.2.2: what the peer does unasked.
  static constexpr std::uint64_t kToleranceMin = 2;
  /// More would save no work worth mentioning.
  static constexpr std::uint64_t kToleranceMax = 64;
  /// Low enough for a controller that wants eight samples a round trip (RFC 9406 s4.2).
  static constexpr std::uint64_t kAcksPerRound = 8;
  static constexpr Duration kDelayMax = std::chrono::milliseconds(10);

  /// What is asked of the peer.
  struct Request {
    std::uint64_t number = 0;  ///< newer ones replace older ones
    std::uint64_t packet_tolerance = kToleranceMin;
    Duration delay_max = kDelayMax;
    /// 1: acknowledge at once at every gap and fill; larger where the way back is the bottleneck.
    std::uint64_t reordering = 1;
  };

  /// What was delivered and received so far.
  struct Progress {
    PacketNumber largest_acked{};
    PacketNumber next_number{};           ///< of the next packet sent
    std::uint64_t packets_delivered = 0;  ///< of ours
    Duration smoothed_rtt{0};
    Duration loss_delay{0};  ///< after which a packet that others overtook counts as lost
  };
  /// After each received batch with acknowledgements. Judges once in a round trip; `received` tells
  /// which of the peer's packets arrived.
  void on_progress(TimePoint now, const Progress& progress, const AckScheduler& received);

  /// A request that the peer should get, until `on_sent`.
  std::optional<Request> due() const { return is_due_ ? std::optional(request_) : std::nullopt; }
  void on_sent() { is_due_ = false; }
  /// The packet with that request was lost: it is due again, unless a newer one replaced it.
  void on_lost(std::uint64_t number) { is_due_ |= number == request_.number; }

 private:
  void judge_return_path(const AckScheduler& received);
  void note_lost_acks(std::uint64_t sent, std::uint64_t lost);
  void ask(std::uint64_t delivered, Duration smoothed_rtt);

  Request request_;
  bool is_due_ = false;
  PacketNumber round_end_;
  std::uint64_t delivered_before_ = 0;  // at the beginning of the round
  PacketNumber judged_below_;           // of the peer's packets
  PacketNumber judged_next_below_;      // those up to here are judged at
  TimePoint judged_next_at_;
  std::uint64_t thinning_ = 1;
  int clean_judgements_ = 0;
};

}  // namespace hawser
