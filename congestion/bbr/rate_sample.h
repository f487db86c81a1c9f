#pragma once
/// What an acknowledgement tells, and how the sender stands: the draft's RS and C. Plain values,
/// handed down to the parts of the controller. draft-ietf-ccwg-bbr s2.2, s2.3.

#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::bbr {

/// C: the connection as the controller last heard of it.
struct SenderState {
  TimePoint now{};
  ByteCount in_flight{0};          ///< after what was acknowledged and lost was taken away
  ByteCount total_delivered{0};    ///< C.delivered
  ByteCount window{0};             ///< C.cwnd, from before this event
  bool is_window_limited = false;  ///< the window was full within the last round trip
};

/// RS: of the newest packet that was acknowledged.
struct RateSample {
  bool has_packet = false;       ///< else all below but `newly_acked` is zero
  Bandwidth delivery_rate;       ///< zero: no reliable sample
  bool is_app_limited = false;   ///< the rate is a lower bound
  Duration rtt{0};               ///< from its departure to now
  ByteCount newly_acked{0};      ///< by all of this acknowledgement
  ByteCount delivered{0};        ///< since it left
  ByteCount prior_delivered{0};  ///< C.delivered when it left
  ByteCount tx_in_flight{0};     ///< in flight when it left, it included
  /// More of that flight than the loss threshold was declared lost since (IsInflightTooHigh).
  bool has_lost_too_much = false;
};

}  // namespace hawser::bbr
