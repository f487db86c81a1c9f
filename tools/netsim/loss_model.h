#pragma once
/// Which datagrams a link loses. Owned by the link; one class per model, and `LossModel`, which
/// asks them all.

#include <cstdint>

#include "hawser/netsim/link_config.h"
#include "tools/netsim/draws.h"

namespace hawser::netsim {

/// Loss in bursts, clocked by packets (Gilbert-Elliott as netem's gemodel).
class BurstLoss {
 public:
  explicit BurstLoss(SeededRandom random) : random_(random) {}
  /// Begins as good.
  void restart() { is_bad_ = false; }
  /// Decides about one datagram by the present state, then moves the state: the kernel's order.
  bool draw(const GilbertElliott& config);

 private:
  SeededRandom random_;
  bool is_bad_ = false;
};

/// Loss in bursts, clocked by time. Periods and losses draw from streams of their own, so that the
/// periods do not depend on the traffic.
class TimedBurstLoss {
 public:
  TimedBurstLoss(SeededRandom periods, SeededRandom losses) : periods_(periods), losses_(losses) {}
  /// Begins with a good period at `now`.
  void restart(TimePoint now, const TimedGilbertElliott& config);
  bool draw(TimePoint now, const TimedGilbertElliott& config);

 private:
  SeededRandom periods_;
  SeededRandom losses_;
  bool is_bad_ = false;
  TimePoint period_end_{};
};

/// Loss clocked by packets with four states (netem's `loss state`).
class StateLoss {
 public:
  explicit StateLoss(SeededRandom random) : random_(random) {}
  /// Begins in a gap.
  void restart() { state_ = State::gap; }
  /// Moves the state with one draw, then decides by the new one: the kernel's order.
  bool draw(const FourStateLoss& config);

 private:
  enum class State : std::uint8_t { gap, burst, burst_loss, lone_loss };
  State next(const FourStateLoss& config);

  SeededRandom random_;
  State state_ = State::gap;
};

/// Loss of the datagrams with given numbers.
class ScriptedLoss {
 public:
  void configure(const ScriptedDrops& drops);
  /// Counts one datagram, and says whether it is one of those to drop.
  bool draw(bool carries_message_bytes);
  /// Whether it matters what `draw` is told.
  bool wants_classification() const { return !drops_.with_message_bytes.empty(); }

 private:
  ScriptedDrops drops_;  // sorted
  std::uint64_t offered_ = 0;
  std::uint64_t offered_with_message_bytes_ = 0;
};

/// All of a link's loss models. A datagram is lost if any of them says so, and each of them draws
/// for each datagram.
class LossModel {
 public:
  LossModel(const StreamSource& streams, TimePoint now, const LinkConfig& config);
  /// Changes from `before` to `after`; models whose parameters stay keep their state, all others
  /// begin anew, as good: new parameters may know no way out of a state that the old ones led to.
  void configure(TimePoint now, const LinkConfig& before, const LinkConfig& after);
  void share_pattern_position(LossPatternPosition& position) { shared_position_ = &position; }
  bool wants_classification() const { return scripted_.wants_classification(); }
  bool draw(TimePoint now, const LinkConfig& config, bool carries_message_bytes);

 private:
  LossPatternPosition& position_of(const LossPattern& pattern);
  bool draw_pattern(const LossPattern& pattern);
  bool draw_random(TimePoint now, const LinkConfig& config);

  SeededRandom random_;
  BurstLoss burst_;
  TimedBurstLoss timed_burst_;
  StateLoss state_;
  std::uint32_t lost_in_a_row_ = 0;  // by the random models
  ScriptedLoss scripted_;
  LossPatternPosition own_position_;
  LossPatternPosition* shared_position_ = nullptr;
};

}  // namespace hawser::netsim
