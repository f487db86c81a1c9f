#include "tools/netsim/loss_model.h"

#include <algorithm>

#include "hawser/assert.h"

namespace hawser::netsim {

bool BurstLoss::draw(const GilbertElliott& config) {
  const bool is_lost = (is_bad_ ? config.loss_bad : config.loss_good).draw(random_);
  const bool moves = (is_bad_ ? config.leave_bad : config.enter_bad).draw(random_);
  is_bad_ = is_bad_ != moves;
  return is_lost;
}

void TimedBurstLoss::restart(TimePoint now, const TimedGilbertElliott& config) {
  HAWSER_ASSERT(config.mean_bad > Duration::zero() && config.mean_good > Duration::zero());
  is_bad_ = false;
  period_end_ = now + draw_exponential(periods_, config.mean_good);
}

bool TimedBurstLoss::draw(TimePoint now, const TimedGilbertElliott& config) {
  while (period_end_ <= now) {
    is_bad_ = !is_bad_;
    period_end_ += draw_exponential(periods_, is_bad_ ? config.mean_bad : config.mean_good);
  }
  return config.loss_bad.draw(losses_) && is_bad_;
}

bool StateLoss::draw(const FourStateLoss& config) {
  state_ = next(config);
  return state_ == State::burst_loss || state_ == State::lone_loss;
}

StateLoss::State StateLoss::next(const FourStateLoss& config) {
  constexpr unsigned kBits = 62;  // the sum of two fits
  const auto drawn = static_cast<std::int64_t>(random_.next() >> (64 - kBits));
  const auto share = [](Probability probability) { return probability.fixed_point(kBits); };
  switch (state_) {
    case State::gap:
      if (drawn < share(config.p14)) return State::lone_loss;
      return drawn < share(config.p14) + share(config.p13) ? State::burst_loss : State::gap;
    case State::burst:
      return drawn < share(config.p23) ? State::burst_loss : State::burst;
    case State::burst_loss:
      if (drawn < share(config.p32)) return State::burst;
      return drawn < share(config.p32) + share(config.p31) ? State::gap : State::burst_loss;
    case State::lone_loss:
      break;
  }
  return State::gap;
}

void ScriptedLoss::configure(const ScriptedDrops& drops) {
  drops_ = drops;
  std::sort(drops_.with_message_bytes.begin(), drops_.with_message_bytes.end());
  std::sort(drops_.of_all.begin(), drops_.of_all.end());
  offered_ = 0;
  offered_with_message_bytes_ = 0;
}

bool ScriptedLoss::draw(bool carries_message_bytes) {
  const auto has = [](const std::vector<std::uint64_t>& numbers, std::uint64_t number) {
    return std::binary_search(numbers.begin(), numbers.end(), number);
  };
  bool is_lost = has(drops_.of_all, ++offered_);
  if (carries_message_bytes) {
    is_lost |= has(drops_.with_message_bytes, ++offered_with_message_bytes_);
  }
  return is_lost;
}

LossModel::LossModel(const StreamSource& streams, TimePoint now, const LinkConfig& config)
    : random_(streams.stream(Impairment::loss)),
      burst_(streams.stream(Impairment::burst_loss)),
      timed_burst_(streams.stream(Impairment::timed_burst_period),
                   streams.stream(Impairment::timed_burst_loss)),
      state_(streams.stream(Impairment::state_loss)) {
  configure(now, LinkConfig{}, config);
}

void LossModel::configure(TimePoint now, const LinkConfig& before, const LinkConfig& after) {
  HAWSER_ASSERT(after.loss_burst_max > 0);
  HAWSER_ASSERT(!after.loss_state || after.loss_state->is_possible());
  if (after.loss_ge != before.loss_ge) burst_.restart();
  if (after.loss_state != before.loss_state) state_.restart();
  if (after.loss_ge_time && after.loss_ge_time != before.loss_ge_time) {
    timed_burst_.restart(now, *after.loss_ge_time);
  }
  if (after.drop != before.drop) scripted_.configure(after.drop);
  if (after.loss_pattern != before.loss_pattern) position_of(after.loss_pattern).next = 0;
}

bool LossModel::draw(TimePoint now, const LinkConfig& config, bool carries_message_bytes) {
  bool is_lost = scripted_.draw(carries_message_bytes);
  is_lost |= draw_random(now, config);
  if (!config.loss_pattern.drops.empty()) is_lost |= draw_pattern(config.loss_pattern);
  return is_lost;
}

bool LossModel::draw_random(TimePoint now, const LinkConfig& config) {
  bool is_lost = false;
  if (!config.loss.is_zero()) is_lost |= config.loss.draw(random_);
  if (config.loss_ge) is_lost |= burst_.draw(*config.loss_ge);
  if (config.loss_ge_time) is_lost |= timed_burst_.draw(now, *config.loss_ge_time);
  if (config.loss_state) is_lost |= state_.draw(*config.loss_state);
  if (lost_in_a_row_ >= config.loss_burst_max) is_lost = false;
  lost_in_a_row_ = is_lost ? lost_in_a_row_ + 1 : 0;
  return is_lost;
}

bool LossModel::draw_pattern(const LossPattern& pattern) {
  std::size_t& next = position_of(pattern).next;
  const bool is_lost = pattern.drops[next] == '1';
  next = (next + 1) % pattern.drops.size();
  return is_lost;
}

LossPatternPosition& LossModel::position_of(const LossPattern& pattern) {
  const bool is_shared = pattern.spans_both_directions && shared_position_ != nullptr;
  return is_shared ? *shared_position_ : own_position_;
}

}  // namespace hawser::netsim
