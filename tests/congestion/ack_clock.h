#pragma once
/// What the tests of the controllers share: events with literal values, and a path of constant
/// round-trip time that acknowledges packet by packet, as evenly as an ideal bottleneck would.

#include <algorithm>
#include <cstdint>

#include "hawser/congestion_controller.h"

namespace hawser {

inline constexpr ByteCount kDatagram{1200};

constexpr ByteCount datagrams(std::int64_t count) { return kDatagram * count; }

/// The virtual clock of the tests starts at 1 s, so that no time is zero by accident.
constexpr TimePoint at(Duration since_start) {
  return TimePoint(std::chrono::seconds(1)) + since_start;
}

constexpr RttSnapshot rtt_of(Duration rtt) { return {.latest = rtt, .smoothed = rtt, .min = rtt}; }

inline AckEvent ack(TimePoint now, ByteCount bytes, TimePoint sent_time) {
  AckEvent event;
  event.context.now = now;
  event.acked_bytes = bytes;
  event.largest_acked_sent_time = sent_time;
  return event;
}

inline LossEvent loss(TimePoint now, TimePoint sent_time, LossKind kind = LossKind::packet) {
  LossEvent event;
  event.context.now = now;
  event.kind = kind;
  event.largest_lost_sent_time = sent_time;
  return event;
}

inline SpuriousLossEvent spurious(bool whole_episode_disproved) {
  SpuriousLossEvent event;
  event.whole_episode_disproved = whole_episode_disproved;
  return event;
}

inline PathChangeEvent new_datagram_size(ByteCount size) {
  PathChangeEvent event;
  event.datagram_size = size;
  return event;
}

inline PathChangeEvent new_path(TimePoint now, ByteCount datagram_size) {
  PathChangeEvent event = new_datagram_size(datagram_size);
  event.context.now = now;
  event.is_new_path = true;
  return event;
}

/// For tests of a window itself: what a recovery allows on the way to it is shaped by what is in
/// flight, which these have no account of.
inline CongestionConfig without_prr(CongestionConfig config) {
  config.prr = false;
  return config;
}

/// A window in datagrams, as the figures of the RFCs count it.
inline double in_datagrams(ByteCount bytes) {
  return static_cast<double>(bytes.value()) / static_cast<double>(kDatagram.value());
}

struct AckClockConfig {
  Duration rtt = std::chrono::milliseconds(100);
  /// Whether the effect of a packet is felt as it is sent, as in the models behind RFC 9438's
  /// tables, where there is no round trip of recovery. Otherwise its fate is known one RTT later.
  bool is_feedback_instant = false;
  /// More than this per round trip the application does not send.
  ByteCount application_limit = ByteCount::max();
};

/// Drives one controller: after each packet's share of the round trip its acknowledgement or loss.
class AckClock {
 public:
  AckClock(CongestionController& controller, const AckClockConfig& config)
      : controller_(controller), config_(config) {}

  void ack_packet() {
    pass_one_packet();
    AckEvent event = ack(now_, kDatagram, sent_time());
    event.context = context();
    event.prior_in_flight = sending_window();
    event.rtt = rtt_of(config_.rtt);
    controller_.on_ack(event);
  }

  void lose_packet(LossKind kind = LossKind::packet) {
    pass_one_packet();
    LossEvent event = loss(now_, sent_time(), kind);
    event.context = context();
    event.rtt = rtt_of(config_.rtt);
    controller_.on_loss(event);
  }

  void ack_packets(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) ack_packet();
  }

  /// One round trip: acknowledges the window as it stands at its start.
  void run_round() { ack_packets(sending_window().value() / kDatagram.value()); }
  void run_rounds(int count) {
    for (int i = 0; i < count; ++i) run_round();
  }

  void start_measuring() {
    measured_from_ = now_;
    packets_ = 0;
  }
  /// Packets per round trip since `start_measuring`: the average window over time.
  double mean_window() const {
    return static_cast<double>(packets_) * static_cast<double>(config_.rtt.count()) /
           static_cast<double>((now_ - measured_from_).count());
  }

  TimePoint now() const { return now_; }
  void advance(Duration interval) { now_ += interval; }

 private:
  ByteCount sending_window() const {
    return std::min(controller_.congestion_window(), config_.application_limit);
  }
  TimePoint sent_time() const { return config_.is_feedback_instant ? now_ : now_ - config_.rtt; }
  CongestionContext context() const {
    return {.now = now_,
            .bytes_in_flight = sending_window() - kDatagram,
            .is_app_limited = config_.application_limit < controller_.congestion_window()};
  }
  void pass_one_packet() {
    now_ += config_.rtt * kDatagram.value() / sending_window().value();
    ++packets_;
  }

  CongestionController& controller_;
  AckClockConfig config_;
  TimePoint now_ = at(Duration::zero());
  TimePoint measured_from_ = now_;
  std::int64_t packets_ = 0;
};

/// The average window in datagrams when every `packets_per_loss`-th packet is lost, over as many
/// losses again once `losses` have let the sawtooth settle. The model of RFC 9438 s5.1 and s5.2.
inline double mean_window_at(AckClock& path, std::int64_t packets_per_loss, int losses) {
  for (int i = 0; i < 2 * losses; ++i) {
    if (i == losses) path.start_measuring();
    path.lose_packet();
    path.ack_packets(packets_per_loss - 1);
  }
  return path.mean_window();
}

}  // namespace hawser
