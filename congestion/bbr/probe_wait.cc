#include "congestion/bbr/probe_wait.h"

namespace hawser::bbr {
namespace {

constexpr Duration kTimeMin = std::chrono::seconds(2);
constexpr std::uint64_t kTimeSpread = 1'000'000'000;  // of ns

// The output function of SplitMix64 (Steele, Lea and Flood 2014): each bit of the input changes
// half of the output's.
constexpr std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

}  // namespace

ProbeWait::Choice ProbeWait::choose(const SenderState& sender) {
  state_ += 0x9E3779B97F4A7C15;
  state_ ^= static_cast<std::uint64_t>(sender.now.time_since_epoch().count());
  state_ = mixed(state_ ^ (static_cast<std::uint64_t>(sender.total_delivered.value()) << 20));
  return {.time = kTimeMin + Duration(static_cast<std::int64_t>((state_ >> 1) % kTimeSpread)),
          .rounds_waited = static_cast<std::int64_t>(state_ & 1)};
}

}  // namespace hawser::bbr
