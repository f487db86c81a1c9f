#include "tools/netsim/netem_slots.h"

namespace hawser::netsim {
namespace {

// The kernel's "any number".
constexpr std::int32_t kUnlimited = INT32_MAX;

bool has_slots(const std::optional<NetemSlot>& config) {
  if (!config) return false;
  return config->min != Duration::zero() || config->max != Duration::zero() ||
         (config->spacing && config->spacing->jitter != Duration::zero());
}

}  // namespace

void NetemSlots::configure(TimePoint now, const std::optional<NetemSlot>& config) {
  next_.reset();
  if (!has_slots(config)) return;
  HAWSER_ASSERT(config->min <= config->max);
  config_ = *config;
  if (config_.packets == 0) config_.packets = kUnlimited;
  if (config_.bytes == ByteCount(0)) config_.bytes = ByteCount(kUnlimited);
  next_ = now;
  packets_left_ = config_.packets;
  bytes_left_ = config_.bytes;
}

void NetemSlots::on_look(TimePoint now, TimePoint due) {
  if (next_ && *next_ < due) draw_next(now);
}

void NetemSlots::on_sent(TimePoint now, ByteCount size) {
  if (!next_) return;
  --packets_left_;
  bytes_left_ -= size;
  if (packets_left_ <= 0 || bytes_left_ <= ByteCount(0)) draw_next(now);
}

void NetemSlots::draw_next(TimePoint now) {
  __extension__ using Wide = __int128;
  if (config_.spacing) {
    next_ = now + draw_netem_delay(draws_, *config_.spacing);
  } else {
    const Wide range = (config_.max - config_.min).count();
    next_ = now + config_.min + Duration(static_cast<std::int64_t>((range * draws_.next()) >> 32));
  }
  packets_left_ = config_.packets;
  bytes_left_ = config_.bytes;
}

}  // namespace hawser::netsim
