#pragma once
/// One observer for real endpoints and for the simulator.
///
/// An endpoint without a sink pays one branch per event. The sink is called from the endpoint's
/// thread, in the middle of its work: it must not call back into it. Names follow qlog's where
/// they fit.

#include <string_view>
#include <variant>

#include "hawser/congestion_controller.h"
#include "hawser/ecn.h"
#include "hawser/error.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser {

struct PacketSentTrace {
  PacketNumber number;
  ByteCount bytes{0};
  bool is_handshake = false;  ///< an INIT or its answer
  bool is_ack_eliciting = false;
  bool is_probe = false;
  bool has_message_bytes = false;
  bool has_retransmission = false;
  bool is_mtu_probe = false;  ///< finds out whether the path carries that much
};
struct PacketReceivedTrace {
  PacketNumber number;
  ByteCount bytes{0};
  bool is_handshake = false;  ///< an INIT or its answer, of which those that had an effect
  bool is_retry = false;      ///< a RETRY, which has no number
};
struct PacketDroppedTrace {
  ByteCount bytes{0};
  std::string_view reason;  ///< the counter that grew; static
};
struct PacketLostTrace {
  PacketNumber number;
  ByteCount bytes{0};
  std::string_view trigger;  ///< "threshold", "textbook_timeout", "path_change"; static
  bool is_mtu_probe = false;
};
/// A packet declared lost was acknowledged after all.
struct SpuriousLossTrace {
  PacketNumber number;
};
/// After each batch of acknowledgements and each timeout.
struct MetricsTrace {
  RttSnapshot rtt;
  ByteCount bytes_in_flight{0};
  CongestionSnapshot congestion;
  Bandwidth pacing_rate;  ///< infinite: unpaced
};
/// What is known of the path's handling of ECN marks changed.
struct EcnTrace {
  EcnState before = EcnState::off;  ///< off: nothing was told before
  EcnState now = EcnState::off;
};
/// The largest datagram that may be sent changed.
struct DatagramSizeTrace {
  ByteCount before{0};
  ByteCount now{0};
};
struct StateTrace {
  /// "handshaking", "established", "flushing", "closing", "draining" or "closed"; static
  std::string_view state;
  CloseReason reason = CloseReason::none;
};

using TraceEvent =
    std::variant<PacketSentTrace, PacketReceivedTrace, PacketDroppedTrace, PacketLostTrace,
                 SpuriousLossTrace, MetricsTrace, EcnTrace, DatagramSizeTrace, StateTrace>;

class TraceSink {
 public:
  virtual ~TraceSink() = default;
  virtual void on_event(TimePoint now, ConnectionHandle connection, const TraceEvent& event) = 0;
};

}  // namespace hawser
