#pragma once
/// The interface between the transport and whatever decides how much may be in flight.
///
/// A controller sees five kinds of events and answers three queries. It sees no connection, no
/// clock, and does no bookkeeping of bytes in flight: every event carries `now`, the bytes in
/// flight, and whether the sender was limited by the application. One controller belongs to one
/// path of one connection; it is called from that connection's thread only. Applications add their
/// own by deriving from `CongestionController` and giving a factory to `ConnectionConfig`;
/// `congestion/README.md` shows it in four steps.
///
/// Sources: RFC 9002 s7 and appendix B; delivery-rate sampling as draft-ietf-ccwg-bbr s4.1.

#include <memory>
#include <span>
#include <string_view>

#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser {

/// What the path looks like when a controller is made or the path changes.
struct CongestionConfig {
  ByteCount datagram_size{1200};  ///< the largest datagram of the path: the MSS of the RFCs
  ByteCount initial_window{0};    ///< 0: min(10 datagrams, max(2 datagrams, 14720)), RFC 9002 s7.2
  /// The window never falls below this. 0: four datagrams, or `window_max` if that is less, where
  /// RFC 9002 s7.2 recommends two: with two, losses that are no sign of congestion would make a
  /// thin flow, with a few small messages in flight, wait for seconds. The price is that so much
  /// leaves each round trip of a path that has less to give; lower it where many flows share such a
  /// path.
  ByteCount window_min{0};
  ByteCount window_max{ByteCount::max()};  ///< two datagrams are always allowed
  bool fast_convergence = true;            ///< CUBIC's, RFC 9438 s4.7
  /// HyStart++ (RFC 9406) in the first slow start of CUBIC, NewReno and AIMD. Off for comparison,
  /// or where the round-trip time rises by more than an eighth for reasons of the path's own.
  bool hystart = true;
  /// Proportional Rate Reduction (RFC 9937) in the recoveries of CUBIC, NewReno and AIMD. Off: the
  /// window is cut at once, and nothing leaves until what is in flight has fallen below it.
  bool prr = true;
  /// Whether a controller learns that losses were disproved and may take its reduction back
  /// (RFC 9438 s4.9). Off for comparison.
  bool spurious_undo = true;
  std::int64_t fixed_window_packets = 64;  ///< for the fixed window alone
  /// AIMD's a: what the window gains in a round trip without a loss, in percent of a datagram, 1 to
  /// 10,000.
  std::int64_t aimd_increase_percent = 100;
  /// AIMD's b: what is kept of the window on a loss, in percent, 1 to 99.
  std::int64_t aimd_decrease_percent = 50;
  /// The queueing delay that LEDBAT aims at, 1 to 100 ms (RFC 6817 s2.5). More is more robust
  /// against jitter, which must stay below it, and more in the way of others.
  Duration ledbat_target = std::chrono::milliseconds(25);
  /// Copa's delta, in percent, 1 to 100: about 1/delta datagrams of a flow stand in the queue. Less
  /// gives more throughput against jitter, and more delay.
  std::int64_t copa_delta_percent = 50;
  /// For BBR alone: how many of 100 bytes a round trip may lose before it counts as congestion
  /// (LossThresh of draft-ietf-ccwg-bbr), 1..50. Raise it to twice the loss of a path that loses by
  /// itself, such as a radio link. The price: where the loss comes of a full queue, the flow goes
  /// on overrunning it by as much: Reno and CUBIC flows beside it, which yield, get a tenth of the
  /// path at a queue of one product, and BBR flows no longer share evenly among themselves.
  std::int64_t loss_threshold_percent = 2;
};

/// The round-trip time as known at an event.
struct RttSnapshot {
  Duration latest{0};
  Duration smoothed{0};
  Duration min{0};
};

/// How fast the path delivered, from one acknowledged packet (the newest of the call).
struct DeliveryRateSample {
  bool is_valid = false;
  bool is_app_limited = false;  ///< the sender had too little to send: the rate is a lower bound
  Bandwidth rate;               ///< the smaller of send rate and ack rate
  Duration interval{0};
  ByteCount delivered{0};        ///< delivered over `interval`
  ByteCount prior_delivered{0};  ///< total delivered when the sampled packet was sent
  ByteCount prior_lost{0};       ///< total declared lost when the sampled packet was sent
  ByteCount prior_in_flight{0};  ///< in flight when the sampled packet was sent, it included
};

/// Facts that every event carries.
struct CongestionContext {
  TimePoint now{};
  /// Bytes in flight after the event was accounted for: after the sent packet was added, after the
  /// acknowledged or lost ones were taken away.
  ByteCount bytes_in_flight{0};
  /// The sender did not use the whole window: growing it would not be backed by evidence.
  bool is_app_limited = false;
};

struct SentEvent {
  CongestionContext context{};
  ByteCount bytes{0};
};

/// All acknowledgements of one received datagram batch, together.
struct AckEvent {
  CongestionContext context{};
  ByteCount acked_bytes{0};             ///< newly acknowledged, only what was in flight
  TimePoint largest_acked_sent_time{};  ///< when the newest acknowledged packet left
  ByteCount prior_in_flight{0};         ///< before the acknowledgements were taken away
  ByteCount total_delivered{0};
  ByteCount total_lost{0};  ///< declared lost so far, by this event too
  RttSnapshot rtt{};
  DeliveryRateSample rate{};
};

/// One lost packet, with what was known when it left.
struct LostPacket {
  PacketNumber number;  ///< successive numbers are one gap, lost in one go
  ByteCount bytes{0};
  TimePoint sent_time{};
  bool is_app_limited = false;  ///< as `DeliveryRateSample::is_app_limited`
  ByteCount delivered_at_send{0};
  ByteCount lost_at_send{0};
  ByteCount in_flight_at_send{0};
};

enum class LossKind : std::uint8_t {
  packet,      ///< declared lost by a packet or time threshold
  persistent,  ///< everything over more than the persistent-congestion period (RFC 9002 s7.6)
  ecn_ce       ///< no loss: a congestion mark; `packets` names the newest marked one
};

struct LossEvent {
  CongestionContext context{};
  LossKind kind = LossKind::packet;
  /// Before these packets, and the acknowledgements of the same batch, were taken away.
  ByteCount prior_in_flight{0};
  std::span<const LostPacket> packets{};  ///< valid during the call; in order of sending
  TimePoint largest_lost_sent_time{};
  ByteCount total_delivered{0};
  ByteCount total_lost{0};  ///< declared lost so far, `packets` included
  RttSnapshot rtt{};
};

/// Packets that were declared lost and then acknowledged after all.
struct SpuriousLossEvent {
  CongestionContext context{};
  std::span<const LostPacket> packets{};
  /// No packet declared lost in the latest congestion episode is still missing: its reduction was
  /// unfounded and may be undone. An episode begins with the loss of a packet that was sent after
  /// the previous one began (RFC 9002 s7.3.2).
  bool whole_episode_disproved = false;
};

/// The path is another one, or its datagram size changed. What was under way to a new path is given
/// up: no event tells of it any more, but that of disproved losses.
struct PathChangeEvent {
  CongestionContext context{};
  ByteCount datagram_size{1200};
  bool is_new_path = false;  ///< start afresh; otherwise only the datagram size changed
};

/// State for statistics and tests. `phase` is a static string such as "slow_start".
struct CongestionSnapshot {
  std::string_view name;
  std::string_view phase;
  ByteCount congestion_window{0};
  ByteCount ssthresh{ByteCount::max()};
};

class CongestionController {
 public:
  virtual ~CongestionController() = default;

  virtual void on_sent(const SentEvent&) {}
  /// Of one received batch come first the losses that it disproves, then those that it finds, a
  /// congestion mark, and the acknowledgements (RFC 9002 A.7).
  virtual void on_ack(const AckEvent& event) = 0;
  virtual void on_loss(const LossEvent& event) = 0;
  virtual void on_spurious_loss(const SpuriousLossEvent&) {}
  virtual void on_path_change(const PathChangeEvent& event) = 0;

  /// How many bytes may be in flight. The transport sends a new packet while bytes in flight plus
  /// its size are within this, or nothing is in flight; acknowledgements and probes are exempt.
  virtual ByteCount congestion_window() const = 0;
  /// How fast they may leave. `rtt` is the path's now. Infinite: unpaced.
  virtual Bandwidth pacing_rate(const RttSnapshot& rtt) const = 0;
  virtual CongestionSnapshot snapshot() const = 0;
};

/// Makes a controller; nullptr without memory. The pointer must outlive the endpoint: use a static
/// object. `name` is what tools and statistics show.
struct CongestionControllerFactory {
  std::string_view name;
  std::unique_ptr<CongestionController> (*make)(const CongestionConfig& config);
};

/// The built-in controllers, "cubic" (the default) first; `congestion/README.md` says which to
/// choose when. New ones come last, so that an index keeps its meaning.
std::span<const CongestionControllerFactory> congestion_controllers();
/// The built-in one of that name, or nullptr.
const CongestionControllerFactory* find_congestion_controller(std::string_view name);

}  // namespace hawser
