#include "tests/golden/scripted_path.h"

#include <algorithm>

namespace hawser::golden {

namespace {

using namespace std::chrono_literals;

constexpr ByteCount kDatagram{1200};
constexpr Duration kService = 800us;
constexpr int kQueueDatagrams = 50;
constexpr Duration kTrickleInterval = kRoundTrip / 10;

ConnectionConfig config_with(const CongestionControllerFactory& controller) {
  ConnectionConfig config;
  config.congestion = &controller;
  return config;
}

}  // namespace

ScriptedPath::ScriptedPath(const CongestionControllerFactory& controller)
    : config_(config_with(controller)),
      recovery_(pool_, config_, make_congestion_controller(config_), Tracer{}) {}

void ScriptedPath::run_round_trip() {
  round_end_ += kRoundTrip;
  send_what_may();
  while (next_event() <= round_end_) {
    now_ = std::max(now_, next_event());
    handle_event();
    send_what_may();
  }
  now_ = round_end_;
}

TimePoint ScriptedPath::next_event() const {
  TimePoint next = recovery_.deadline();
  if (!acknowledgements_.empty()) next = std::min(next, acknowledgements_.front().arrival);
  if (demand_ == Demand::trickle) next = std::min(next, next_trickle_);
  if (recovery_.send_limit() == SendLimit::pacing) {
    next = std::min(next, recovery_.pacing_deadline(now_));
  }
  return next;
}

void ScriptedPath::handle_event() {
  if (demand_ == Demand::trickle && next_trickle_ <= now_) {
    next_trickle_ = now_ + kTrickleInterval;
    ++pending_;
  }
  if (!acknowledgements_.empty() && acknowledgements_.front().arrival <= now_) {
    const Acknowledgement& next = acknowledgements_.front();
    arrived_.ect0 += next.mark == Ecn::ect0;
    arrived_.ce += next.mark == Ecn::ce;
    wire::AckFrame frame;
    frame.ranges = {.largest = next.number, .first_length = 0};
    frame.ecn = arrived_;
    acknowledgements_.pop_front();
    const std::error_code error = recovery_.on_ack(now_, frame);
    HAWSER_ASSERT(!error);
    recovery_.finish_acks(now_, *this);
  }
  recovery_.on_timeout(now_, *this);
}

void ScriptedPath::send_what_may() {
  while (recovery_.probes_due() > 0) {
    send_packet();
    recovery_.on_probe_sent();
  }
  for (;;) {
    if (!has_data()) return recovery_.set_send_limit(SendLimit::application);
    if (!recovery_.window_allows(kDatagram)) {
      return recovery_.set_send_limit(SendLimit::congestion_window);
    }
    if (!recovery_.pacing_allows(now_)) return recovery_.set_send_limit(SendLimit::pacing);
    pending_ -= std::min<std::uint64_t>(pending_, 1);
    send_packet();
  }
}

void ScriptedPath::send_packet() {
  const PacketNumber number = recovery_.next_number();
  const bool has_room = recovery_.reserve(1);
  HAWSER_ASSERT(has_room);
  const Ecn mark = recovery_.mark(now_, true);
  const PacketItem item{.kind = 0, .count = 1, .value = 0};
  recovery_.on_sent({.sent_time = now_,
                     .bytes = kDatagram,
                     .is_ack_eliciting = true,
                     .is_in_flight = true,
                     .is_app_limited = recovery_.send_limit() == SendLimit::application,
                     .is_ect = mark != Ecn::not_ect,
                     .is_mtu_probe = false,
                     .items = {&item, 1}},
                    true);
  pass_link(number, mark);
}

void ScriptedPath::pass_link(PacketNumber number, Ecn mark) {
  if (is_dark_) return;
  if (drops_left_ > 0) {
    --drops_left_;
    return;
  }
  link_free_ = std::max(link_free_, now_);
  if (link_free_ - now_ >= kQueueDatagrams * kService) return;
  link_free_ += kService;
  Acknowledgement acknowledgement{link_free_ + kRoundTrip - kService, number, mark};
  if (marks_left_ > 0 && mark == Ecn::ect0) {
    --marks_left_;
    acknowledgement.mark = Ecn::ce;
  }
  if (holds_left_ > 0) {
    --holds_left_;
    acknowledgement.arrival += 2 * kRoundTrip;
  }
  const auto place = std::ranges::upper_bound(acknowledgements_, acknowledgement.arrival, {},
                                              &Acknowledgement::arrival);
  acknowledgements_.insert(place, acknowledgement);
}

void ScriptedPath::change_path() {
  acknowledgements_.clear();
  link_free_ = now_;
  recovery_.on_path_change(now_, kDatagram, {.path = {}, .round_trip = kRoundTrip}, *this);
}

CongestionSnapshot ScriptedPath::snapshot() const {
  ConnectionStats stats;
  recovery_.add_to(stats);
  return stats.congestion;
}

}  // namespace hawser::golden
