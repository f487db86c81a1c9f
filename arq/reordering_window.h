#pragma once
/// Learns from late arrivals how long a packet may be overtaken before it counts as lost.
///
/// At first a packet is lost when three later ones overtook it, or when one did and it left 9/8 of
/// a round trip ago (RFC 9002 s6.1). Once one arrived that three or more had overtaken, only time
/// tells; and it grows by what late arrivals took, up to two round trips, or the probe timeout
/// where round trips vary more. What was learned is forgotten after a span of 16 loss episodes that
/// had no need of it, as RACK does (RFC 8985 s6.2, step 4). A plain value, owned by the loss
/// detector.

#include <cstdint>
#include <optional>

#include "arq/rtt_estimator.h"

namespace hawser {

class ReorderingWindow {
 public:
  /// RFC 9002 s6.1.1.
  static constexpr std::uint64_t kPacketThreshold = 3;
  /// RFC 8985's persistence of what was learned.
  static constexpr int kEpisodesPerSpan = 16;

  /// An ack-eliciting packet was acknowledged when one sent `depth` packets later had been before,
  /// `age` after it left.
  void on_late_arrival(std::uint64_t depth, Duration age, const RttEstimator& rtt);
  /// Losses were found among packets sent since the last time.
  void on_loss_episode();

  /// How many later packets must be acknowledged to prove a loss; nothing while time alone does.
  std::optional<std::uint64_t> packet_threshold() const;
  /// How long after its transmission a packet is lost once a later one was acknowledged: the larger
  /// of SRTT and the latest sample, and an eighth of it more, or what late arrivals need; at least
  /// the granularity (RFC 9002 s6.1.2).
  Duration time_threshold(const RttEstimator& rtt) const;

 private:
  /// What one span of episodes has seen.
  struct Need {
    bool only_time = false;
    Duration extra{0};  ///< that late arrivals took beyond the round trip, if beyond its eighth
  };

  Need before_;  // of the span before
  Need now_;
  int episodes_ = 0;  // of this span
};

}  // namespace hawser
