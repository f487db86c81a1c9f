#pragma once
/// What the tests of delay-based controllers share: a path with one bottleneck, whose queue one
/// paced sender fills as far as its controller lets it.

#include <algorithm>
#include <deque>

#include "congestion/pacer.h"
#include "tests/congestion/ack_clock.h"

namespace hawser {

struct QueueClockConfig {
  Duration base_rtt = std::chrono::milliseconds(40);
  /// Of one packet, at the bottleneck: 960 us are 10 Mbit/s.
  Duration service_time = std::chrono::microseconds(960);
  std::size_t queue_packets = 100'000;
  /// So many acknowledgements come in a round trip, each for two packets at least.
  std::int64_t acks_per_round = 8;
  /// They come up to so much late, in a fixed pattern; none overtakes another.
  Duration jitter{0};
};

/// Drives one controller through a first-in-first-out queue in virtual time.
class QueueClock {
 public:
  QueueClock(CongestionController& controller, const QueueClockConfig& config)
      : controller_(controller), config_(config), now_(at(Duration::zero())), free_at_(now_) {}

  /// From now on the path has another base round-trip time, or another rate.
  QueueClockConfig& config() { return config_; }
  TimePoint now() const { return now_; }

  /// The peer is reached elsewhere now: what is under way is never heard of.
  void change_path(Duration base_rtt) {
    flight_.clear();
    config_.base_rtt = base_rtt;
    free_at_ = last_acked_at_ = now_;
    rtt_ = {};
    pacer_ = Pacer({});
    controller_.on_path_change(new_path(now_, kDatagram));
  }
  void run_for(Duration interval) {
    const TimePoint end = now_ + interval;
    for (;;) {
      const TimePoint send_at = next_send_time();
      const TimePoint ack_at = flight_.empty() ? kNever : std::max(now_, ack_time());
      if (std::min(send_at, ack_at) > end) break;
      now_ = std::min(send_at, ack_at);
      if (send_at < ack_at) {
        send();
      } else {
        acknowledge();
      }
    }
    now_ = end;
  }
  /// Mean time in the queue of the packets delivered in `interval` from now on.
  Duration mean_queue_over(Duration interval) {
    queued_ = Duration::zero();
    delivered_ = 0;
    run_for(interval);
    return delivered_ > 0 ? queued_ / delivered_ : Duration::zero();
  }
  /// The share of the bottleneck's time that was used in the interval of `mean_queue_over`.
  double utilisation(Duration interval) const {
    return static_cast<double>(delivered_ * config_.service_time.count()) /
           static_cast<double>(interval.count());
  }

 private:
  struct Flying {
    TimePoint sent_at;
    TimePoint acked_at;
    Duration queued;
    bool is_lost;
  };

  ByteCount in_flight() const { return datagrams(static_cast<std::int64_t>(flight_.size())); }
  TimePoint next_send_time() const {
    if (in_flight() + kDatagram > controller_.congestion_window()) return kNever;
    return pacer_.next_send_time(now_, controller_.pacing_rate(rtt_));
  }
  Duration next_jitter() {
    constexpr std::uint64_t kSteps = 16;
    jitter_step_ = (jitter_step_ * 5 + 3) % kSteps;  // visits all of them
    return config_.jitter * static_cast<std::int64_t>(jitter_step_) / (kSteps - 1);
  }
  void send() {
    const Duration queued = std::max(free_at_ - now_, Duration::zero());
    const auto waiting = static_cast<std::size_t>(queued / config_.service_time);
    const bool is_lost = waiting >= config_.queue_packets;
    if (!is_lost) free_at_ = now_ + queued + config_.service_time;
    const TimePoint acked_at = free_at_ + config_.base_rtt + next_jitter();
    last_acked_at_ = std::max(acked_at, last_acked_at_);
    flight_.push_back({now_, last_acked_at_, queued, is_lost});
    pacer_.on_sent(now_, kDatagram, controller_.pacing_rate(rtt_));
  }

  /// How many packets the next acknowledgement tells of.
  std::size_t stride() const {
    const auto per_round = static_cast<std::size_t>(controller_.congestion_window().value() /
                                                    kDatagram.value() / config_.acks_per_round);
    return std::min(std::max<std::size_t>(per_round, 2), flight_.size());
  }
  TimePoint ack_time() const { return flight_[stride() - 1].acked_at; }

  void acknowledge() {
    AckEvent event = ack(now_, ByteCount(0), TimePoint::min());
    event.prior_in_flight = in_flight();
    for (std::size_t left = stride(); left > 0; --left) {
      const Flying packet = flight_.front();
      flight_.pop_front();
      if (packet.is_lost) {
        lose(packet);
        continue;
      }
      event.acked_bytes += kDatagram;
      event.largest_acked_sent_time = packet.sent_at;
      queued_ += packet.queued;
      ++delivered_;
    }
    if (event.acked_bytes == ByteCount(0)) return;
    note_rtt(now_ - event.largest_acked_sent_time);
    event.context = {.now = now_, .bytes_in_flight = in_flight()};
    event.rtt = rtt_;
    // As a bottleneck does that is always busy.
    event.rate = {.is_valid = true,
                  .rate = Bandwidth::from(kDatagram, config_.service_time),
                  .prior_in_flight = event.prior_in_flight};
    controller_.on_ack(event);
  }
  void lose(const Flying& packet) {
    const LostPacket lost{
        .number = PacketNumber(0), .bytes = kDatagram, .sent_time = packet.sent_at};
    LossEvent event = loss(now_, packet.sent_at);
    event.packets = {&lost, 1};
    controller_.on_loss(event);
  }
  void note_rtt(Duration rtt) {
    const bool is_first = rtt_.latest == Duration::zero();
    rtt_ = {.latest = rtt,
            .smoothed = is_first ? rtt : (7 * rtt_.smoothed + rtt) / 8,
            .min = is_first ? rtt : std::min(rtt_.min, rtt)};
  }

  CongestionController& controller_;
  QueueClockConfig config_;
  Pacer pacer_{{}};
  TimePoint now_;
  TimePoint free_at_;  ///< the bottleneck has sent all that it holds
  TimePoint last_acked_at_;
  std::uint64_t jitter_step_ = 0;
  std::deque<Flying> flight_;  ///< in order of sending
  RttSnapshot rtt_;
  Duration queued_{0};
  std::int64_t delivered_ = 0;
};

}  // namespace hawser
