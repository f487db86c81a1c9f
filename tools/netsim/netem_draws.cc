#include "tools/netsim/netem_draws.h"

#include <algorithm>

#include "tools/netsim/netem_tables.h"

namespace hawser::netsim {

void NetemDraws::configure(NetemShare correlation) {
  correlation_ = correlation.value();
  if (correlation_ != 0) last_ = fresh();
}

std::uint32_t NetemDraws::next() {
  const std::uint64_t value = fresh();
  if (correlation_ == 0) return static_cast<std::uint32_t>(value);
  const std::uint64_t weight = correlation_ + 1;
  last_ = (value * ((std::uint64_t{1} << 32) - weight) + last_ * weight) >> 32;
  return static_cast<std::uint32_t>(last_);
}

Duration draw_netem_delay(NetemDraws& draws, const NetemDelay& delay) {
  const std::int64_t jitter = std::min<std::int64_t>(delay.jitter.count(), INT32_MAX);
  if (jitter == 0) return delay.mean;
  const std::uint32_t number = draws.next();
  // Both remainders keep the low bits of the number, which know nothing of the one before: that is
  // why the correlation of a delay has no effect.
  const NetemTable* table = netem_table(delay.distribution);
  if (table == nullptr) return delay.mean + Duration(number % (2 * jitter) - jitter);
  const std::int64_t deviations = (*table)[number % table->size()];
  // The fraction of the jitter is rounded, halves away from zero; the rest is exact.
  const std::int64_t fraction = jitter % kNetemTableScale * deviations;
  const std::int64_t half = fraction < 0 ? -kNetemTableScale / 2 : kNetemTableScale / 2;
  return delay.mean +
         Duration((fraction + half) / kNetemTableScale + jitter / kNetemTableScale * deviations);
}

void NetemLoss::configure(const Config& config) {
  config_ = config;
  state_ = State::good;
  const auto* chance = std::get_if<NetemChance>(&config);
  draws_.configure(chance != nullptr ? chance->correlation : NetemShare());
}

bool NetemLoss::draw() {
  return std::visit([this](const auto& model) { return draw(model); }, config_);
}

// The state decides about a datagram after it has drawn its next move: the loss is that of the
// state before the move.
bool NetemLoss::draw(const NetemGilbertElliott& model) {
  const std::uint32_t move = draws_.next();
  const std::uint32_t loss = draws_.next();
  if (state_ == State::good) {
    if (move < model.enter_bad.value()) state_ = State::lost_in_burst;
    return loss < model.loss_good.value();
  }
  if (move < model.leave_bad.value()) state_ = State::good;
  return loss > UINT32_MAX - model.loss_bad.value();
}

// Sums of probabilities wrap at 32 bits, as in the kernel: those beyond 100 % make no sense anyway.
bool NetemLoss::draw(const NetemFourState& model) {
  const std::uint32_t number = draws_.next();
  switch (state_) {
    case State::good:
      if (number < model.p14.value()) {
        state_ = State::lost_in_gap;
      } else if (number < model.p13.value() + model.p14.value()) {
        state_ = State::lost_in_burst;
      }
      break;
    case State::delivered_in_burst:
      if (number < model.p23.value()) state_ = State::lost_in_burst;
      break;
    case State::lost_in_burst:
      if (number < model.p32.value()) {
        state_ = State::delivered_in_burst;
      } else if (number < model.p31.value() + model.p32.value()) {
        state_ = State::good;
      }
      break;
    case State::lost_in_gap:
      state_ = State::good;
      break;
  }
  return state_ == State::lost_in_burst || state_ == State::lost_in_gap;
}

}  // namespace hawser::netsim
