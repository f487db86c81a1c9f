#pragma once
/// A sender, a bottleneck with a queue, and a receiver that acknowledges, in virtual time: what a
/// model of the path needs to be tried on. Samples, losses, probes and pacing are the real ones.

#include <algorithm>
#include <deque>
#include <memory>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "hawser/congestion_controller.h"
#include "transport/connection/recovery.h"

namespace hawser {

class BottleneckPath {
 public:
  static constexpr ByteCount kPacket{1200};

  /// May be changed in mid-run.
  struct Settings {
    Bandwidth rate;
    Duration delay{0};  ///< of a round trip without serialisation and queue
    ByteCount queue = ByteCount::max();
    std::uint64_t one_lost_in = 0;                  ///< every n-th packet; 0: none
    Bandwidth application = Bandwidth::infinite();  ///< how fast packets are written
    Duration ack_interval{0};  ///< acknowledgements arrive at multiples of it, in heaps
  };

  explicit BottleneckPath(const Settings& path, const CongestionConfig& config = {})
      : settings(path), config_(with(config)) {
    auto controller = make_congestion_controller(config_);
    controller_ = controller.get();
    recovery_ = std::make_unique<Recovery>(pool_, config_, std::move(controller), Tracer{});
  }

  // ---- Running ---------------------------------------------------------------------------------
  void run_for(Duration interval) {
    const TimePoint end = now_ + interval;
    while (step(end)) continue;
  }
  /// Whether it came true within `limit`.
  template <typename Predicate>
  bool run_until(Predicate&& is_true, Duration limit) {
    const TimePoint end = now_ + limit;
    while (!is_true()) {
      if (!step(end)) return false;
    }
    return true;
  }
  bool run_until_phase(std::string_view name, Duration limit) {
    return run_until([&] { return phase() == name; }, limit);
  }

  // ---- Looking ---------------------------------------------------------------------------------
  TimePoint now() const { return now_; }
  std::string_view phase() const { return controller_->snapshot().phase; }
  ByteCount window() const { return controller_->congestion_window(); }
  Bandwidth pacing_rate() const { return controller_->pacing_rate(recovery_->rtt()); }
  CongestionController& controller() { return *controller_; }
  /// Delivered since the start.
  ByteCount delivered() const { return delivered_; }
  ConnectionStats stats() const {
    ConnectionStats stats;
    recovery_->add_to(stats);
    return stats;
  }
  ByteCount in_flight() const { return stats().bytes_in_flight; }
  /// Waiting or being serialised.
  ByteCount queued() const { return settings.rate.bytes_in(link_free_ - now_); }
  ByteCount product() const { return settings.rate.bytes_in(round_trip()); }
  /// Of an empty path.
  Duration round_trip() const { return settings.delay + settings.rate.transfer_time(kPacket); }

  Settings settings;
  std::uint64_t lose_next = 0;  ///< so many packets from now on
  std::uint64_t hold_next = 0;  ///< so many arrive only when `hold` more has passed
  Duration hold{0};

 private:
  struct Arrival {
    TimePoint at;
    PacketNumber number;
  };
  class NobodyTold final : public PacketFates {
    void on_item_acked(const PacketItem&, bool) override {}
    void on_item_lost(const PacketItem&, PacketNumber) override {}
    void on_go_back() override {}
  };

  static ConnectionConfig with(const CongestionConfig& congestion) {
    ConnectionConfig config;
    config.congestion = find_congestion_controller("bbr");
    config.congestion_config = congestion;
    return config;
  }

  /// On to the next event before `end`; false: there is none, and it is `end`.
  bool step(TimePoint end) {
    send_what_may_leave();
    TimePoint next = recovery_->deadline();
    if (!arrivals_.empty()) next = std::min(next, arrivals_.front().at);
    if (recovery_->send_limit() == SendLimit::pacing) {
      next = std::min(next, recovery_->pacing_deadline(now_));
    }
    if (recovery_->send_limit() == SendLimit::application) next = std::min(next, next_written_);
    if (next > end) {
      now_ = end;
      return false;
    }
    now_ = std::max(now_, next);
    bool has_acks = false;
    while (!arrivals_.empty() && arrivals_.front().at <= now_) {
      acknowledge(arrivals_.front().number);
      arrivals_.pop_front();
      has_acks = true;
    }
    if (has_acks) recovery_->finish_acks(now_, fates_);
    recovery_->on_timeout(now_, fates_);
    return true;
  }

  void send_what_may_leave() {
    while (recovery_->probes_due() > 0) {
      send();
      recovery_->on_probe_sent();
    }
    for (;;) {
      if (next_written_ > now_) return recovery_->set_send_limit(SendLimit::application);
      if (!recovery_->window_allows(kPacket)) {
        return recovery_->set_send_limit(SendLimit::congestion_window);
      }
      if (!recovery_->pacing_allows(now_)) return recovery_->set_send_limit(SendLimit::pacing);
      send();
      if (!settings.application.is_infinite()) {
        next_written_ = std::max(next_written_, now_ - std::chrono::milliseconds(1)) +
                        settings.application.transfer_time(kPacket);
      }
    }
  }

  void send() {
    ASSERT_TRUE(recovery_->reserve(0));
    const PacketNumber number = recovery_->next_number();
    recovery_->on_sent({.sent_time = now_,
                        .bytes = kPacket,
                        .is_ack_eliciting = true,
                        .is_in_flight = true,
                        .is_app_limited = recovery_->send_limit() == SendLimit::application,
                        .items = {}},
                       false);
    const bool is_lost =
        lose_next > 0 || (settings.one_lost_in > 0 && number.value() % settings.one_lost_in == 0);
    lose_next -= lose_next > 0 ? 1 : 0;
    if (is_lost || queued() > settings.queue) return;
    link_free_ = std::max(link_free_, now_) + settings.rate.transfer_time(kPacket);
    TimePoint at = link_free_ + settings.delay;
    if (settings.ack_interval > Duration::zero()) {
      const Duration::rep beyond = at.time_since_epoch().count() % settings.ack_interval.count();
      if (beyond > 0) at += settings.ack_interval - Duration(beyond);
    }
    if (hold_next > 0) {
      --hold_next;
      at += hold;
    }
    const auto place = std::ranges::upper_bound(arrivals_, at, {}, &Arrival::at);
    arrivals_.insert(place, {at, number});
  }

  void acknowledge(PacketNumber number) {
    wire::AckFrame ack;
    ack.ranges = {.largest = number, .first_length = 0};
    ASSERT_FALSE(recovery_->on_ack(now_, ack));
    delivered_ += kPacket;
  }

  ConnectionConfig config_;
  MemoryPool pool_;
  NobodyTold fates_;
  CongestionController* controller_ = nullptr;
  std::unique_ptr<Recovery> recovery_;
  TimePoint now_{std::chrono::seconds(1)};
  TimePoint link_free_{};
  TimePoint next_written_{};
  std::deque<Arrival> arrivals_;
  ByteCount delivered_{0};
};

}  // namespace hawser
