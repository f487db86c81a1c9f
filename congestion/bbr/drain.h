#pragma once
/// Drain: half the rate, until the queue that Startup left is gone, or three round trips have
/// passed because the rate was overestimated. draft-ietf-ccwg-bbr s5.3.2. Not thread-safe.

#include "congestion/bbr/model.h"

namespace hawser::bbr {

class Drain {
 public:
  static constexpr Gain kPacingGain{50};
  static constexpr Gain kWindowGain{200};
  static constexpr std::int64_t kRoundsMax = 3;

  void enter(const Model& model) { start_round_ = model.rounds.count(); }
  bool is_over(const Model& model, const SenderState& sender) const {
    return sender.in_flight <= model.inflight({100}) ||
           model.rounds.count() > start_round_ + kRoundsMax;
  }

 private:
  std::int64_t start_round_ = 0;
};

}  // namespace hawser::bbr
