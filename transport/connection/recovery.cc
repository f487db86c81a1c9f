#include "transport/connection/recovery.h"

#include <algorithm>

#include "transport/connection/out_of_memory.h"
#include "transport/connection/packet_notes.h"
#include "transport/wire/codec.h"

namespace hawser {

namespace {

const CongestionControllerFactory& factory_of(const ConnectionConfig& config) {
  return config.congestion != nullptr ? *config.congestion : *find_congestion_controller("cubic");
}

CongestionConfig congestion_config_of(const ConnectionConfig& config) {
  CongestionConfig result = config.congestion_config;
  result.datagram_size = config.datagram_size;
  return result;
}

RetransmissionTimer::Mode timer_mode_of(const ConnectionConfig& config) {
  return config.timer_mode == TimerMode::probe ? RetransmissionTimer::Mode::probe
                                               : RetransmissionTimer::Mode::rfc6298;
}

/// Lost packets are remembered for this many probe timeouts: a later acknowledgement than that
/// tells nothing any more.
constexpr int kLostMemory = 3;

/// After so many probe timeouts in a row marks are suspected of being what the path refuses.
constexpr int kSilentTimeouts = 3;

}  // namespace

std::unique_ptr<CongestionController> make_congestion_controller(const ConnectionConfig& config) {
  // An application's own factory need not know our way of saying so.
  return unless_out_of_memory(
      [&config] { return factory_of(config).make(congestion_config_of(config)); }, nullptr);
}

Recovery::Recovery(MemoryPool& pool, const ConnectionConfig& config,
                   std::unique_ptr<CongestionController> controller, Tracer tracer)
    : tracer_(tracer),
      congestion_config_(congestion_config_of(config)),
      arq_(config.arq),
      log_(pool),
      detector_(pool),
      timer_(timer_mode_of(config)),
      ecn_(config.ecn),
      controller_(std::move(controller)),
      pacer_({.datagram_size = config.datagram_size,
              .initial_window = controller_->congestion_window()}),
      disproved_(pool) {}

// ---- Sending ---------------------------------------------------------------------------------

bool Recovery::reserve(std::size_t items) {
  // Lost packets are kept for what a late acknowledgement would tell, but not at any price; a clock
  // that stands still keeps them for ever.
  if (log_.remembered() >= SentPacketLog::kPacketsMax) log_.forget(TimePoint::max());
  return log_.reserve(items);
}

bool Recovery::window_allows(ByteCount size) const {
  // The textbook's sender is the line's transmitter: it keeps no queue at the bottleneck.
  if (is_textbook() && log_.eliciting_outstanding() >=
                           textbook_.packets_in_path(congestion_config_.datagram_size, rtt_)) {
    return false;
  }
  return size <= window_room();
}

ByteCount Recovery::window_room() const {
  if (!has_in_flight()) return ByteCount::max();
  return std::max(controller_->congestion_window() - log_.bytes_in_flight(), ByteCount(0));
}

Bandwidth Recovery::pacing_rate() const {
  if (is_textbook()) return Bandwidth::infinite();  // textbook_ paces at the line's rate
  const RttSnapshot rtt = rtt_.has_sample() ? rtt_.snapshot() : RttSnapshot{};
  return controller_->pacing_rate(rtt);
}

bool Recovery::pacing_allows(TimePoint now) const {
  if (is_textbook() && now < textbook_.next_send_time()) return false;
  return pacer_.can_send(now, pacing_rate());
}

TimePoint Recovery::pacing_deadline(TimePoint now) const {
  const TimePoint paced = pacer_.next_send_time(now, pacing_rate());
  return is_textbook() ? std::max(paced, textbook_.next_send_time()) : paced;
}

void Recovery::on_sent(const SentPacketLog::Transmission& transmission, bool wants_immediate_ack) {
  log_.add(transmission);
  ++packets_sent_;
  if (!transmission.is_in_flight) return;
  controller_->on_sent({context(transmission.sent_time), transmission.bytes});
  pacer_.on_sent(transmission.sent_time, transmission.bytes, pacing_rate());
  if (is_textbook()) textbook_.on_sent(transmission.sent_time, transmission.bytes);
  last_wants_immediate_ack_ = wants_immediate_ack;
  rearm();
}

void Recovery::skip_number_if_due(TimePoint now, RandomSource& random) {
  if (is_textbook() || !skips_.is_due(next_number())) return;
  const PacketNumber number = next_number();
  if (log_.skip_number(now)) skips_.on_skipped(number, random.next());
}

void Recovery::set_send_limit(SendLimit limit) {
  send_limit_ = limit;
  const bool is_window = limit == SendLimit::congestion_window;
  pacer_.set_limiting_window(is_window ? std::optional(controller_->congestion_window())
                                       : std::nullopt);
}

Ecn Recovery::mark(TimePoint now, bool is_ack_eliciting) {
  if (is_textbook()) return Ecn::not_ect;
  const Ecn mark = ecn_.mark({.now = now,
                              .number = next_number(),
                              .is_ack_eliciting = is_ack_eliciting,
                              .probe_timeout = probe_timeout()});
  trace_ecn(now);
  return mark;
}

CongestionContext Recovery::context(TimePoint now) const {
  return {.now = now,
          .bytes_in_flight = log_.bytes_in_flight(),
          .is_app_limited =
              send_limit_ == SendLimit::application || send_limit_ == SendLimit::send_window};
}

// ---- Acknowledgements ------------------------------------------------------------------------

std::error_code Recovery::on_ack(TimePoint now, const wire::AckFrame& frame) {
  begin_acks();
  const AckedSpan acked = begin_frame(frame.ranges.largest, frame.delay);
  wire::AckRangeReader ranges(frame.ranges);
  while (const std::optional<wire::AckRange> range = ranges.next()) {
    if (const auto error = log_.on_ack_range(range->smallest, range->largest)) return error;
  }
  has_acks_ = true;
  sample_rtt(now, acked);
  validate_ecn(acked, frame.ecn);
  trace_ecn(now);
  return {};
}

std::error_code Recovery::on_handshake_ack(TimePoint now, PacketNumber number, Duration ack_delay) {
  begin_acks();
  const AckedSpan acked = begin_frame(number, ack_delay);
  if (const auto error = log_.on_ack_range(number, number)) return error;
  has_acks_ = true;
  sample_rtt(now, acked);
  return {};
}

/// What the acknowledgements of one received batch are compared with.
void Recovery::begin_acks() {
  if (has_acks_) return;
  in_flight_before_acks_ = log_.bytes_in_flight();
  largest_acked_before_acks_ = log_.largest_acked();
}

Recovery::AckedSpan Recovery::begin_frame(PacketNumber largest, Duration delay) const {
  return {log_.settled_count(), log_.largest_acked(), largest, delay};
}

/// RFC 9002 s5.1: a sample needs something that elicited the acknowledgement among what is new. Its
/// largest number need not be new: packets that others overtook are acknowledged at once, and the
/// oldest of them gives the sample. Without these the round trip would be that of the packets which
/// overtake.
void Recovery::sample_rtt(TimePoint now, const AckedSpan& acked) {
  std::optional<TimePoint> overtaken;
  bool is_elicited = false;
  for (std::size_t i = acked.settled_begin; i < log_.settled_count(); ++i) {
    const SettledPacket& settled = log_.settled(i);
    if (settled.number < path_start_) break;  // the newest come first
    const SentPacket& packet = settled.packet;
    const bool is_handshake =
        packet.items_count > 0 &&
        log_.item(packet, 0).kind == static_cast<std::uint32_t>(ItemKind::handshake);
    is_elicited |= packet.is_ack_eliciting || is_handshake;
    if (packet.is_ack_eliciting && acked.largest_before && settled.number < *acked.largest_before) {
      overtaken = packet.sent_time;
    }
  }
  if (overtaken) {
    rtt_.update(now - *overtaken, Duration(0));
    return;
  }
  if (!is_elicited) return;
  const SettledPacket& newest = log_.settled(acked.settled_begin);
  if (newest.number != acked.largest) return;
  rtt_.update(now - newest.packet.sent_time, std::min(acked.delay, peer_ack_delay_max_));
}

void Recovery::validate_ecn(const AckedSpan& acked, const std::optional<EcnCounts>& counts) {
  EcnValidator::Report report{
      .has_new_largest = !acked.largest_before || acked.largest > *acked.largest_before,
      .counts = counts};
  for (std::size_t i = acked.settled_begin; i < log_.settled_count(); ++i) {
    const SettledPacket& settled = log_.settled(i);
    if (!settled.packet.is_ect || settled.number < path_start_) continue;
    ++report.newly_acked;
    report.newest_acked = std::max(report.newest_acked, settled.number);
  }
  const bool is_congested = ecn_.on_report(report);
  if (is_congested && log_.settled_count() > acked.settled_begin) {
    const SettledPacket& newest = log_.settled(acked.settled_begin);
    marked_ = lost_packet_of(newest.number, newest.packet);
  }
}

void Recovery::finish_acks(TimePoint now, PacketFates& fates) {
  if (!has_acks_) {
    // A mere receiver gets no acknowledgements, and its own need not be remembered for long.
    log_.forget(now - kLostMemory * probe_timeout());
    return;
  }
  has_acks_ = false;
  if (log_.settled_count() > 0) {
    AckEvent event;
    settle_acked(now, fates, event);
    report_spurious(now);
    if (largest_acked_before_acks_) {
      detector_.learn_reordering(now, rtt_, log_, *largest_acked_before_acks_);
    }
    event.rate = log_.delivery_rate(now, rtt_.min());
    log_.clear_settled();
    abandon_unreadable(now, fates);
    detect_losses(now, in_flight_before_acks_, fates);
    report_congestion_mark(now);
    event.context = context(now);
    event.total_delivered = log_.total_delivered();
    event.total_lost = log_.total_lost();
    event.rtt = rtt_.snapshot();
    if (event.acked_bytes > ByteCount(0)) controller_->on_ack(event);
    timer_.on_progress();
  }
  log_.forget(now - kLostMemory * probe_timeout());
  rearm();
  trace_metrics(now);
}

/// Tells the fates of what was acknowledged and adds up what congestion control wants to know.
void Recovery::settle_acked(TimePoint now, PacketFates& fates, AckEvent& event) {
  event.prior_in_flight = in_flight_before_acks_;
  disproved_.clear();
  ByteCount delivered{0};
  TimePoint newest_segment;
  for (std::size_t i = 0; i < log_.settled_count(); ++i) {
    const SettledPacket& settled = log_.settled(i);
    const SentPacket& packet = settled.packet;
    bool has_segment = false;
    for (std::size_t k = 0; k < packet.items_count; ++k) {
      const PacketItem& item = log_.item(packet, k);
      has_segment |= item.kind == static_cast<std::uint32_t>(ItemKind::segments);
      fates.on_item_acked(item, settled.was_lost);
    }
    if (packet.is_in_flight) fates.on_packet_acked(settled.number, packet);
    event.largest_acked_sent_time = std::max(event.largest_acked_sent_time, packet.sent_time);
    if (settled.was_lost && packet.is_mtu_probe) continue;
    if (settled.was_lost && packet.is_in_flight) {
      tracer_(now, SpuriousLossTrace{settled.number});
      ++spurious_;
      // Without memory for the note the reduction merely stands.
      (void)disproved_.push_back(lost_packet_of(settled.number, packet));
    } else if (packet.is_in_flight) {
      event.acked_bytes += packet.bytes;
    }
    // Neither a PING nor a copy that came late was part of a flight that filled the line.
    if (!has_segment || settled.was_lost) continue;
    delivered += packet.bytes;
    newest_segment = std::max(newest_segment, packet.sent_time);
  }
  if (!is_textbook()) return;
  textbook_.on_progress();
  // Stop-and-wait has one segment under way, which tells nothing of the line.
  if (arq_ == Arq::go_back_n) textbook_.on_ack(now, delivered, newest_segment);
}

void Recovery::report_spurious(TimePoint now) {
  if (disproved_.empty() || !congestion_config_.spurious_undo) return;
  std::uint64_t count = 0;  // of the latest episode: earlier ones are settled
  for (std::size_t i = 0; i < disproved_.size(); ++i) {
    if (disproved_[i].sent_time > episode_before_) ++count;
  }
  const bool had_losses = episode_losses_ > 0;
  episode_losses_ -= std::min(episode_losses_, count);
  const bool is_disproved = had_losses && episode_losses_ == 0;
  // The ring is filled from empty, so its elements lie in one piece.
  controller_->on_spurious_loss({.context = context(now),
                                 .packets = {&disproved_.front(), disproved_.size()},
                                 .whole_episode_disproved = is_disproved});
}

// ---- Losses ----------------------------------------------------------------------------------

void Recovery::detect_losses(TimePoint now, ByteCount prior_in_flight, PacketFates& fates) {
  if (is_textbook()) return;
  const LossDetector::Outcome outcome = detector_.detect(now, rtt_, log_, peer_ack_delay_max_);
  if (outcome.lost_count == 0) return;
  for (std::size_t i = 0; i < detector_.lost_count(); ++i) {
    const PacketNumber number = detector_.lost_number(i);
    tell_losses(now, number, fates, "threshold");
    const SentPacket& packet = *log_.find(number);
    // What is too large for the path vanishes marked or not.
    const bool may_fit = !packet.is_mtu_probe && packet.bytes <= fates.datagram_size();
    if (packet.is_ect && may_fit) ecn_.on_lost(number);
    if (packet.is_in_flight) fates.on_packet_lost(number, packet);
  }
  // What the path carries no more was lost for its size, however long that went on.
  const bool has_forgiven = detector_.forgive_larger_than(fates.datagram_size(), log_) > 0;
  // Losses of packets that were not in flight (acknowledgements alone) are no sign of congestion.
  const std::span<const LostPacket> lost = detector_.lost_packets();
  if (lost.empty()) return;
  count_episode(now, lost.back().sent_time, lost.size());
  LossEvent event{.context = context(now),
                  .kind = LossKind::packet,
                  .prior_in_flight = prior_in_flight,
                  .packets = lost,
                  .largest_lost_sent_time = lost.back().sent_time,
                  .total_delivered = log_.total_delivered(),
                  .total_lost = log_.total_lost(),
                  .rtt = rtt_.snapshot()};
  controller_->on_loss(event);
  if (!outcome.is_persistent_congestion || has_forgiven) return;
  ++persistent_;
  event.kind = LossKind::persistent;
  controller_->on_loss(event);
}

/// RFC 9002 s7.1: a mark asks for what a loss asks for, once in a round trip; nothing is missing.
void Recovery::report_congestion_mark(TimePoint now) {
  if (!marked_) return;
  const LostPacket newest = *marked_;
  marked_.reset();
  if (newest.sent_time <= answered_marks_until_) return;
  answered_marks_until_ = now;
  ++ecn_reductions_;
  controller_->on_loss({.context = context(now),
                        .kind = LossKind::ecn_ce,
                        .prior_in_flight = in_flight_before_acks_,
                        .packets = {&newest, 1},
                        .largest_lost_sent_time = newest.sent_time,
                        .total_delivered = log_.total_delivered(),
                        .total_lost = log_.total_lost(),
                        .rtt = rtt_.snapshot()});
}

/// RFC 9002 s7.3.2: losses of packets sent before the reduction belong to the same episode.
void Recovery::count_episode(TimePoint now, TimePoint largest_lost_sent_time, std::size_t lost) {
  if (episode_losses_ == 0 || largest_lost_sent_time > episode_start_) {
    if (largest_lost_sent_time > episode_start_) episode_before_ = episode_start_;
    episode_start_ = now;
    episode_losses_ = 0;
  }
  episode_losses_ += lost;
}

void Recovery::tell_losses(TimePoint now, PacketNumber number, PacketFates& fates,
                           std::string_view trigger) {
  const SentPacket& packet = *log_.find(number);
  if (packet.is_in_flight) {
    if (!packet.is_mtu_probe) ++packets_lost_;
    tracer_(now, PacketLostTrace{number, packet.bytes, trigger, packet.is_mtu_probe});
  }
  for (std::size_t k = 0; k < packet.items_count; ++k) {
    fates.on_item_lost(log_.item(packet, k), number);
  }
}

/// The textbook's recovery: all that is outstanding is lost, and leaves again in order.
void Recovery::on_textbook_timeout(TimePoint now, PacketFates& fates) {
  LossEvent event{.context = {},
                  .kind = LossKind::packet,
                  .prior_in_flight = log_.bytes_in_flight(),
                  .packets = {},
                  .largest_lost_sent_time = now,
                  .total_delivered = log_.total_delivered(),
                  .total_lost = {},
                  .rtt = rtt_.snapshot()};
  disproved_.clear();
  textbook_.on_expired();
  log_.for_each_outstanding(PacketNumber(0), [&](PacketNumber number, const SentPacket& packet) {
    if (!packet.is_in_flight) return true;
    const LostPacket lost = lost_packet_of(number, packet);
    event.largest_lost_sent_time = packet.sent_time;
    log_.declare_lost(number);
    tell_losses(now, number, fates, "textbook_timeout");
    return disproved_.push_back(lost);
  });
  fates.on_go_back();
  if (disproved_.empty()) return;
  event.context = context(now);
  event.total_lost = log_.total_lost();
  event.packets = {&disproved_.front(), disproved_.size()};
  controller_->on_loss(event);
}

// ---- Time ------------------------------------------------------------------------------------

void Recovery::rearm() {
  const std::optional<TimePoint> last_sent = log_.last_eliciting_sent_time();
  if (is_textbook() || !last_sent || !has_in_flight()) {
    timer_.disarm();
    return;
  }
  timer_.arm(*last_sent, rtt_, last_wants_immediate_ack_ ? Duration(0) : peer_ack_delay_max_);
}

TimePoint Recovery::deadline() const {
  if (is_textbook()) {
    const std::optional<TimePoint> oldest = log_.oldest_outstanding_sent_time();
    return oldest ? textbook_.deadline(*oldest, rtt_) : kNever;
  }
  // RFC 9002 A.8: while a loss by time is pending, no probe.
  return detector_.deadline() != kNever ? detector_.deadline() : timer_.deadline();
}

void Recovery::on_timeout(TimePoint now, PacketFates& fates) {
  if (deadline() > now) return;
  if (is_textbook()) {
    on_textbook_timeout(now, fates);
  } else if (detector_.deadline() <= now) {
    detect_losses(now, log_.bytes_in_flight(), fates);
    rearm();
  } else {
    timer_.on_expired(now);
    if (timer_.expiry_count() >= kSilentTimeouts) ecn_.on_silence();
  }
  trace_ecn(now);
  trace_metrics(now);
}

// ---- Path ------------------------------------------------------------------------------------

void Recovery::on_datagram_size(TimePoint now, ByteCount datagram_size) {
  congestion_config_.datagram_size = datagram_size;
  controller_->on_path_change(
      {.context = context(now), .datagram_size = datagram_size, .is_new_path = false});
  pacer_.set_datagram_size(datagram_size);
}

void Recovery::on_path_change(TimePoint now, ByteCount datagram_size,
                              const PathValidator::Change& change, PacketFates& fates) {
  abandon_flight(now, log_.next_number(), "path_change", fates);
  if (is_textbook()) fates.on_go_back();
  if (change.only_port_changed) {
    ecn_.forget_flight();
    on_datagram_size(now, datagram_size);
  } else {
    congestion_config_.datagram_size = datagram_size;
    controller_->on_path_change(
        {.context = context(now), .datagram_size = datagram_size, .is_new_path = true});
    rtt_.reset();
    ecn_.restart();
    marked_.reset();
    path_start_ = log_.next_number();
    if (change.round_trip) rtt_.update(*change.round_trip, Duration(0));
    textbook_.reset();
    pacer_ =
        Pacer({.datagram_size = datagram_size, .initial_window = controller_->congestion_window()});
  }
  // Neither the silence that made the timer back off nor the losses of old hold here.
  detector_.reset(log_.next_number());
  episode_losses_ = 0;
  episode_before_ = episode_start_ = now;  // late acknowledgements of the old path disprove nothing
  timer_.on_progress();
  rearm();
}

/// What was sent before `end`. No loss is told to the controller. Returns how many packets that
/// were.
std::size_t Recovery::abandon_flight(TimePoint now, PacketNumber end, std::string_view why,
                                     PacketFates& fates) {
  std::size_t count = 0;
  log_.for_each_outstanding(PacketNumber(0), [&](PacketNumber number, const SentPacket& packet) {
    if (number >= end) return false;
    if (packet.is_in_flight) {
      log_.declare_lost(number);
      tell_losses(now, number, fates, why);
      ++count;
    }
    return true;
  });
  return count;
}

void Recovery::abandon_unreadable(TimePoint now, PacketFates& fates) {
  const PacketNumber readable_from = fates.readable_from();
  if (readable_from <= readable_from_) return;
  readable_from_ = readable_from;
  if (abandon_flight(now, readable_from, "unreadable", fates) == 0) return;
  if (is_textbook()) fates.on_go_back();
  ecn_.forget_flight();
}

void Recovery::trace_metrics(TimePoint now) const {
  if (tracer_.sink == nullptr) return;
  tracer_(now, MetricsTrace{rtt_.snapshot(), log_.bytes_in_flight(), controller_->snapshot(),
                            pacing_rate()});
}

void Recovery::trace_ecn(TimePoint now) {
  if (tracer_.sink == nullptr || is_textbook() || ecn_.state() == traced_ecn_) return;
  tracer_(now, EcnTrace{traced_ecn_, ecn_.state()});
  traced_ecn_ = ecn_.state();
}

void Recovery::add_to(ConnectionStats& stats) const {
  stats.packets_sent = packets_sent_;
  stats.packets_lost = packets_lost_;
  stats.spurious_losses = spurious_;
  stats.persistent_congestions = persistent_;
  stats.ecn_ce_reported = ecn_.ce_reported();
  stats.ecn_reductions = ecn_reductions_;
  stats.ecn_state = is_textbook() ? EcnState::off : ecn_.state();
  stats.rtt = rtt_.snapshot();
  stats.probe_timeout = rtt_.probe_timeout();
  stats.bytes_in_flight = log_.bytes_in_flight();
  stats.congestion = controller_->snapshot();
}

void Recovery::add_to(ConnectionInspection& inspection) const {
  inspection.bytes_in_flight = log_.bytes_in_flight();
  inspection.bytes_in_flight_recounted = log_.recount_in_flight();
  inspection.congestion_window = controller_->congestion_window();
  if (rtt_.has_sample()) inspection.probe_timeout = rtt_.probe_timeout();
}

}  // namespace hawser
