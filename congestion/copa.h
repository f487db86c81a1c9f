#pragma once
/// Copa: sends at the rate of 1 / (delta x queueing delay) datagrams, which leaves about 1 / delta
/// datagrams of each flow in the queue of the bottleneck. One per path; not thread-safe.
/// Arun and Balakrishnan, "Copa: Practical Delay-Based Congestion Control for the Internet", NSDI
/// 2018, the default mode; collapse, marks and bounds as RFC 9002 s7.
///
/// The queueing delay is the standing round-trip time (the smallest of half a round trip: bursts
/// and delayed acknowledgements do not count) less the base, the smallest of all. Each
/// acknowledgement moves the window towards the target rate, by velocity / delta datagrams per
/// round trip; the velocity doubles while the direction stays. The window thereby swings about its
/// target every few round trips, which empties the queue and shows the base. Where it has not for
/// 10 s, because the path became longer or the queue of a small delta is long against it, half the
/// window rests and the base is measured anew (`RttProbe`).
///
/// A turn made at speed comes a round trip late. It goes back to what the path carries in a round
/// trip by the rate of delivery; the paper would swing by half a window on long paths.
///
/// Losses that are no more than a fiftieth of the packets are not answered: they need not tell of
/// congestion, which Copa sees earlier. More are, as the only sign that a policer or a queue
/// shorter than 1 / delta gives.

#include "congestion/fractional_growth.h"
#include "congestion/recent_minimum.h"
#include "congestion/revocable_window.h"
#include "congestion/round_trips.h"
#include "congestion/rtt_probe.h"
#include "congestion/stretch_allowance.h"

namespace hawser {

class Copa final : public CongestionController {
 public:
  /// delta is `config.copa_delta_percent`, taken as the end of its range where out of it.
  explicit Copa(const CongestionConfig& config);

  void on_ack(const AckEvent& event) override;
  void on_loss(const LossEvent& event) override;
  void on_spurious_loss(const SpuriousLossEvent& event) override {
    window_.on_spurious_loss(event);
  }
  void on_path_change(const PathChangeEvent& event) override;

  ByteCount congestion_window() const override;
  Bandwidth pacing_rate(const RttSnapshot& rtt) const override {
    return window_.even_pacing_rate(rtt.latest);  // the average lags behind the swings
  }
  CongestionSnapshot snapshot() const override;

 private:
  __extension__ using Wide = __int128;
  enum class Direction : std::uint8_t { none, up, down };

  void measure(const AckEvent& event);
  void on_round_trip(TimePoint now);
  /// How much the queue holds when the round-trip time is `rtt`, in hundredths of what it should
  /// hold. What is too much to count is the largest number.
  std::int64_t queue_percent(Duration rtt) const;
  void move(Direction direction, const AckEvent& event);
  void turn(Direction direction, const AckEvent& event);
  void update_velocity();
  void reset_velocity(Direction direction);
  std::int64_t velocity_max() const;
  /// Takes the losses from what is tolerated; whether they exceed it.
  bool exceeds_tolerance(const LossEvent& event);

  RevocableWindow window_;
  FractionalGrowth step_;
  std::int64_t delta_percent_;
  Duration base_rtt_ = kForever;
  RecentMinimum<4> standing_rtt_;
  RoundTrips round_trips_;
  RttProbe probe_;
  StretchAllowance stretch_;
  Direction direction_ = Direction::none;
  int rounds_in_direction_ = 0;
  std::int64_t velocity_ = 1;
  ByteCount window_at_round_start_;
  ByteCount tolerated_{0};  ///< bytes that may be lost, times `kPacketsPerLoss`
};

}  // namespace hawser
