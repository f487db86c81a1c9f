#pragma once
/// What is known of the path: how much it delivers, how long that takes, how much may be in flight.
/// The filters are parts with one concept each; here is what follows from them together. Owned by
/// the controller, shared by its states. A plain value. Not thread-safe.
/// draft-ietf-ccwg-bbr s5.5, s5.6.4.2.

#include "congestion/bbr/ack_aggregation.h"
#include "congestion/bbr/delivery_signals.h"
#include "congestion/bbr/full_pipe_detector.h"
#include "congestion/bbr/gain.h"
#include "congestion/bbr/long_term_bound.h"
#include "congestion/bbr/max_bandwidth.h"
#include "congestion/bbr/min_rtt_filter.h"
#include "congestion/bbr/round_counter.h"
#include "congestion/bbr/short_term_bounds.h"
#include "congestion/congestion_window.h"

namespace hawser::bbr {

struct Model {
  /// `limits.min` is what is in flight at least. `loss_threshold_percent`: what a round trip may
  /// lose before it counts as too much (LossThresh).
  Model(const WindowLimits& window_limits, std::int64_t loss_threshold_percent)
      : limits(window_limits), loss_percent(loss_threshold_percent) {}

  /// BBR.bw: what to match now.
  Bandwidth bandwidth() const;
  /// So many bandwidth-delay products; the initial window while the delay is not known.
  ByteCount bdp(Gain gain) const { return bdp(gain, bandwidth()); }
  /// The same, but at least what the sender and the minimum window need.
  ByteCount inflight(Gain gain) const { return with_budget(bdp(gain)); }
  /// What is in flight when no queue stands, going by the largest rate known.
  ByteCount inflight_without_queue() const {
    return with_budget(bdp({100}, max_bandwidth.value()));
  }
  ByteCount with_budget(ByteCount inflight) const;
  /// What leaves others room below the long-term bound; no limit if there is none.
  ByteCount inflight_with_headroom() const;
  /// The product, or the window if losses have brought it below.
  ByteCount target_inflight(const SenderState& sender) const;
  ByteCount excess_acked() const;
  /// More than the threshold of what was in flight was lost.
  bool is_loss_too_high(ByteCount lost, ByteCount in_flight) const;

  WindowLimits limits;
  std::int64_t loss_percent;
  ByteCount offload_budget{0};  ///< what leaves in one go

  RoundCounter rounds;
  MaxBandwidth max_bandwidth;
  MinRttFilter min_rtt;
  AckAggregation aggregation;
  FullPipeDetector full_pipe;
  DeliverySignals signals;
  ShortTermBounds short_term;
  LongTermBound long_term;

 private:
  ByteCount bdp(Gain gain, Bandwidth rate) const;
};

}  // namespace hawser::bbr
