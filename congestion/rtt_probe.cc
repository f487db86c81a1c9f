#include "congestion/rtt_probe.h"

namespace hawser {
namespace {

constexpr Duration kBaseLifetime = std::chrono::seconds(10);
/// So that on a long path no more than a thirtieth of the time goes into probes.
constexpr int kBaseLifetimeRounds = 64;

}  // namespace

std::optional<Duration> RttProbe::on_round_trip(TimePoint now, bool is_wanted) {
  switch (phase_) {
    case Phase::idle: {
      if (!last_empty_) on_empty_queue(now);
      ++rounds_;
      const bool is_due = rounds_ >= kBaseLifetimeRounds && now - *last_empty_ >= kBaseLifetime;
      if (is_due || is_wanted) phase_ = Phase::rest;
      return std::nullopt;
    }
    case Phase::rest:
      phase_ = Phase::measure;
      smallest_ = kForever;
      return std::nullopt;
    case Phase::measure:
      restart(now);
      return smallest_ == kForever ? std::nullopt : std::optional(smallest_);
  }
  return std::nullopt;
}

void RttProbe::restart(TimePoint now) {
  phase_ = Phase::idle;
  on_empty_queue(now);
}

}  // namespace hawser
