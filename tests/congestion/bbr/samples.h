#pragma once
/// What the tests of BBR's parts share: the sender and its samples with literal values.

#include "congestion/bbr/model.h"
#include "tests/congestion/ack_clock.h"

namespace hawser::bbr {

constexpr Bandwidth mbit(std::int64_t rate) { return Bandwidth::bits_per_second(rate * 1'000'000); }

/// A sender at `since_start` to whom `delivered` datagrams were delivered in all.
constexpr SenderState sender_at(Duration since_start, std::int64_t delivered = 0) {
  return {.now = at(since_start),
          .in_flight = ByteCount(0),
          .total_delivered = datagrams(delivered),
          .window = datagrams(100),
          .is_window_limited = false};
}

/// A sample of a packet that left when `prior_delivered` datagrams were delivered.
constexpr RateSample sample_of(Bandwidth rate, std::int64_t prior_delivered = 0) {
  RateSample sample;
  sample.has_packet = true;
  sample.delivery_rate = rate;
  sample.newly_acked = kDatagram;
  sample.prior_delivered = datagrams(prior_delivered);
  return sample;
}

/// A model with the rate and the round-trip time given, datagrams of 1200 B, four of them at least.
inline Model model_of(Bandwidth rate, Duration rtt) {
  Model model(WindowLimits({.initial_window = datagrams(10), .window_min = datagrams(4)}), 2);
  model.max_bandwidth.on_ack(sample_of(rate));
  model.min_rtt.on_ack(at(Duration::zero()), rtt);
  return model;
}

/// A round of which the best sample showed so much.
inline DeliverySignals round_with(Bandwidth rate, ByteCount delivered) {
  DeliverySignals round;
  RateSample sample = sample_of(rate);
  sample.delivered = delivered;
  round.begin_ack(sender_at(Duration::zero()), sample);
  return round;
}

}  // namespace hawser::bbr
