#pragma once
/// Ties loss recovery (arq) to congestion control (congestion): what an acknowledgement, a loss or
/// a timeout means for both, in the order of RFC 9002 appendix A. Computes nothing itself that one
/// of its parts can compute. Owned by one connection; the state of its current path.

#include <memory>
#include <optional>
#include <system_error>

#include "arq/ecn_validator.h"
#include "arq/loss_detector.h"
#include "arq/number_skips.h"
#include "arq/retransmission_timer.h"
#include "arq/sent_packet_log.h"
#include "arq/textbook_timer.h"
#include "congestion/pacer.h"
#include "hawser/config.h"
#include "hawser/random.h"
#include "hawser/stats.h"
#include "hawser/trace.h"
#include "transport/connection/connection_inspection.h"
#include "transport/connection/path_validator.h"
#include "transport/wire/frame.h"

namespace hawser {

/// Who is told what became of the things that a packet carried.
class PacketFates {
 public:
  /// `was_lost`: it had been declared lost before.
  virtual void on_item_acked(const PacketItem& item, bool was_lost) = 0;
  virtual void on_item_lost(const PacketItem& item, PacketNumber number) = 0;
  /// The same of the packet as a whole, if it was in flight.
  virtual void on_packet_acked(PacketNumber, const SentPacket&) {}
  /// By what was acknowledged after it.
  virtual void on_packet_lost(PacketNumber, const SentPacket&) {}
  /// The largest datagram that the path carries, by all that was told so far.
  virtual ByteCount datagram_size() const { return ByteCount::max(); }
  /// What was sent before this number the peer could not read, by all that was told so far: it
  /// leaves again, which tells nothing of the path.
  virtual PacketNumber readable_from() const { return PacketNumber(0); }
  /// Go-back-N and stop-and-wait: everything unacknowledged must leave again.
  virtual void on_go_back() = 0;

 protected:
  ~PacketFates() = default;
};

/// Where trace events go, and under which name.
struct Tracer {
  TraceSink* sink = nullptr;
  ConnectionHandle connection = ConnectionHandle::none;
  void operator()(TimePoint now, const TraceEvent& event) const {
    if (sink != nullptr) sink->on_event(now, connection, event);
  }
};

/// Why nothing more is sent right now.
enum class SendLimit : std::uint8_t {
  application,  ///< nothing to send
  send_window,  ///< the ARQ's window or the peer's credit
  congestion_window,
  pacing
};

/// The configuration's controller, or the default; nullptr without memory.
std::unique_ptr<CongestionController> make_congestion_controller(const ConnectionConfig& config);

class Recovery {
 public:
  /// `controller` comes from `make_congestion_controller(config)` and is not nullptr.
  Recovery(MemoryPool& pool, const ConnectionConfig& config,
           std::unique_ptr<CongestionController> controller, Tracer tracer);

  // ---- Sending ----
  PacketNumber next_number() const { return log_.next_number(); }
  /// Leaves a number out now and then (see `NumberSkips`). Before a packet is begun.
  void skip_number_if_due(TimePoint now, RandomSource& random);
  std::optional<PacketNumber> largest_acked() const { return log_.largest_acked(); }
  std::uint64_t packets_delivered() const { return log_.packets_delivered(); }
  /// Room for one more packet in the log. False: no memory.
  [[nodiscard]] bool reserve(std::size_t items);
  /// Whether the congestion window has room for `size` more bytes.
  /// One packet always may fly: its acknowledgement is what opens a window too small for it.
  bool window_allows(ByteCount size) const;
  ByteCount congestion_window() const { return controller_->congestion_window(); }
  /// What more may fly than does; without bound where nothing does.
  ByteCount window_room() const;
  bool pacing_allows(TimePoint now) const;
  /// When pacing allows the next packet.
  TimePoint pacing_deadline(TimePoint now) const;
  int probes_due() const { return timer_.probes_due(); }
  void on_probe_sent() { timer_.on_probe_sent(); }
  /// For how long the oldest packet in flight has waited; zero without one.
  Duration oldest_wait(TimePoint now) const {
    return now - log_.oldest_outstanding_sent_time().value_or(now);
  }
  /// The ECN mark of the packet that is noted with `on_sent` next.
  Ecn mark(TimePoint now, bool is_ack_eliciting);
  /// Whether the next packets are all marked alike, whatever they hold.
  bool marks_alike() const { return is_textbook() || ecn_.marks_alike(); }
  /// `wants_immediate_ack`: the peer was asked not to delay its acknowledgement.
  void on_sent(const SentPacketLog::Transmission& transmission, bool wants_immediate_ack);
  /// What held the sender back at last; growth of the window without use is not evidence.
  void set_send_limit(SendLimit limit);
  SendLimit send_limit() const { return send_limit_; }

  // ---- Acknowledgements ----
  /// Takes one ACK frame; its consequences wait for `finish_acks`. Errors: `malformed` (it names a
  /// packet never sent), `not_enough_memory`.
  std::error_code on_ack(TimePoint now, const wire::AckFrame& frame);
  /// The handshake's answer acknowledges one packet.
  std::error_code on_handshake_ack(TimePoint now, PacketNumber number, Duration ack_delay);
  /// Once per received batch: loss detection, congestion control, fates, timers.
  void finish_acks(TimePoint now, PacketFates& fates);
  /// How long a packet that others overtook may take before it counts as lost.
  Duration loss_delay() const { return detector_.reordering().time_threshold(rtt_); }
  void set_peer_ack_delay(Duration ack_delay_max) { peer_ack_delay_max_ = ack_delay_max; }
  /// The ARQ that the handshake settled on.
  void set_arq(Arq arq) { arq_ = arq; }
  Arq arq() const { return arq_; }

  // ---- Time ----
  TimePoint deadline() const;
  void on_timeout(TimePoint now, PacketFates& fates);
  /// SRTT + max(4 RTTVAR, 1 ms) + the peer's ack delay: the unit of other timers.
  Duration probe_timeout() const { return rtt_.probe_timeout() + peer_ack_delay_max_; }

  // ---- Path ----
  void on_datagram_size(TimePoint now, ByteCount datagram_size);
  /// The peer is reached elsewhere now. What is under way went to the old address and leaves again
  /// at once; that tells nothing of congestion.
  void on_path_change(TimePoint now, ByteCount datagram_size, const PathValidator::Change& change,
                      PacketFates& fates);

  bool has_in_flight() const { return log_.bytes_in_flight() > ByteCount(0); }
  RttSnapshot rtt() const { return rtt_.snapshot(); }
  /// The smoothed one; zero before the first sample.
  Duration measured_round_trip() const {
    return rtt_.has_sample() ? rtt_.smoothed() : Duration::zero();
  }
  void add_to(ConnectionStats& stats) const;
  void add_to(ConnectionInspection& inspection) const;

 private:
  /// One ACK frame: what it settles begins there, and what it says of its largest number.
  struct AckedSpan {
    std::size_t settled_begin;
    std::optional<PacketNumber> largest_before;
    PacketNumber largest;
    Duration delay;
  };

  bool is_textbook() const { return arq_ != Arq::selective_repeat; }
  CongestionContext context(TimePoint now) const;
  Bandwidth pacing_rate() const;
  void begin_acks();
  AckedSpan begin_frame(PacketNumber largest, Duration delay) const;
  void sample_rtt(TimePoint now, const AckedSpan& acked);
  void settle_acked(TimePoint now, PacketFates& fates, AckEvent& event);
  void report_spurious(TimePoint now);
  void validate_ecn(const AckedSpan& acked, const std::optional<EcnCounts>& counts);
  void report_congestion_mark(TimePoint now);
  void detect_losses(TimePoint now, ByteCount prior_in_flight, PacketFates& fates);
  std::size_t abandon_flight(TimePoint now, PacketNumber end, std::string_view why,
                             PacketFates& fates);
  void abandon_unreadable(TimePoint now, PacketFates& fates);
  void on_textbook_timeout(TimePoint now, PacketFates& fates);
  void tell_losses(TimePoint now, PacketNumber number, PacketFates& fates,
                   std::string_view trigger);
  void count_episode(TimePoint now, TimePoint largest_lost_sent_time, std::size_t lost);
  void rearm();
  void trace_metrics(TimePoint now) const;
  void trace_ecn(TimePoint now);

  Tracer tracer_;
  CongestionConfig congestion_config_;
  Arq arq_;
  SentPacketLog log_;
  NumberSkips skips_;
  RttEstimator rtt_;
  LossDetector detector_;
  RetransmissionTimer timer_;
  TextbookTimer textbook_;
  EcnValidator ecn_;
  EcnState traced_ecn_ = EcnState::off;
  std::optional<LostPacket> marked_;                   // the newest packet of a report of marks
  TimePoint answered_marks_until_ = TimePoint::min();  // packets sent later are another round
  std::unique_ptr<CongestionController> controller_;
  Pacer pacer_;
  Duration peer_ack_delay_max_{0};
  bool last_wants_immediate_ack_ = false;
  SendLimit send_limit_ = SendLimit::application;
  ByteCount in_flight_before_acks_{0};
  std::optional<PacketNumber> largest_acked_before_acks_;
  bool has_acks_ = false;
  PoolRing<LostPacket> disproved_;  // scratch of finish_acks
  // The latest congestion episode: when it began, when the one before did, and how many of its
  // losses are not disproved.
  TimePoint episode_start_;
  TimePoint episode_before_;
  std::uint64_t episode_losses_ = 0;
  PacketNumber path_start_;        // the first packet of the present path
  PacketNumber readable_from_{0};  ///< as far as it was acted upon
  // Counters.
  std::uint64_t packets_sent_ = 0;
  std::uint64_t packets_lost_ = 0;
  std::uint64_t spurious_ = 0;
  std::uint64_t persistent_ = 0;
  std::uint64_t ecn_reductions_ = 0;
};

}  // namespace hawser
