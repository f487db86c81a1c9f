#pragma once
/// ProbeRTT: half a window for 200 ms and a round trip, so that the queue drains, of all flows at
/// once if they share it, and the round-trip time of the path itself shows.
/// draft-ietf-ccwg-bbr s5.3.4. Not thread-safe.

#include <optional>

#include "congestion/bbr/model.h"

namespace hawser::bbr {

class ProbeRtt {
 public:
  static constexpr Gain kPacingGain{100};
  static constexpr Gain kWindowGain{50};
  static constexpr Duration kDuration = std::chrono::milliseconds(200);

  void enter(Model& model, const SenderState& sender);
  /// Half a bandwidth-delay product, at least the minimum window.
  static ByteCount window(const Model& model) {
    return std::max(model.bdp(kWindowGain), model.limits.min);
  }
  /// Once for each acknowledgement. True: it is over.
  bool on_ack(Model& model, const SenderState& sender);
  /// The time has passed: of a sender that is idle, nothing more is asked.
  bool is_over(TimePoint now) const { return end_ && now > *end_; }

  /// Whether a packet that left when so much was delivered was sent while the latest ProbeRTT held
  /// the sender below the path's rate: its sample is a lower bound, as if the application had.
  bool has_limited(ByteCount delivered_at_send) const {
    return delivered_at_send >= limited_from_ && delivered_at_send <= limited_until_;
  }

 private:
  std::optional<TimePoint> end_;  ///< probe_rtt_done_stamp; none: too much is still in flight
  bool has_round_passed_ = false;
  ByteCount limited_from_ = ByteCount::max();
  ByteCount limited_until_{0};
};

}  // namespace hawser::bbr
