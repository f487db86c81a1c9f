#include "tools/netsim/policer.h"

#include <algorithm>

#include "hawser/assert.h"

namespace hawser::netsim {
namespace {

__extension__ using Wide = __int128;

// A bit per second gives one token in a nanosecond.
constexpr std::int64_t kTokensPerByte = 8 * std::int64_t{1'000'000'000};
constexpr std::int64_t tokens_of(ByteCount bytes) { return bytes.value() * kTokensPerByte; }
static_assert(Policer::kBurstMax.value() <= INT64_MAX / kTokensPerByte);

}  // namespace

void PolicerModel::configure(TimePoint now, const std::optional<Policer>& config) {
  if (config == config_) return;
  config_ = config;
  if (!config) return;
  HAWSER_ASSERT(!config->rate.is_zero() && config->burst >= ByteCount(1));
  HAWSER_ASSERT(config->burst <= Policer::kBurstMax && config->initial <= config->burst);
  tokens_ = tokens_of(config->initial);
  filled_at_ = now;
}

bool PolicerModel::passes(TimePoint now, ByteCount wire_size) {
  if (!config_) return true;
  fill(now);
  if (wire_size > config_->burst || tokens_of(wire_size) > tokens_) return false;
  tokens_ -= tokens_of(wire_size);
  return true;
}

void PolicerModel::fill(TimePoint now) {
  const Wide come = Wide(config_->rate.bits_per_second()) * (now - filled_at_).count();
  tokens_ = static_cast<std::int64_t>(std::min(tokens_ + come, Wide(tokens_of(config_->burst))));
  filled_at_ = now;
}

}  // namespace hawser::netsim
