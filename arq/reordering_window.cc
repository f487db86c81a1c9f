#include "arq/reordering_window.h"

#include <algorithm>

namespace hawser {
namespace {

Duration round_trip(const RttEstimator& rtt) { return std::max(rtt.smoothed(), rtt.latest()); }

}  // namespace

void ReorderingWindow::on_late_arrival(std::uint64_t depth, Duration age, const RttEstimator& rtt) {
  now_.only_time |= depth >= kPacketThreshold;
  const Duration base = round_trip(rtt);
  if (age < base * 9 / 8) return;
  now_.extra = std::max(now_.extra, age - base);  // an eighth more than it took
}

void ReorderingWindow::on_loss_episode() {
  if (++episodes_ < kEpisodesPerSpan) return;
  episodes_ = 0;
  before_ = now_;
  now_ = {};
}

std::optional<std::uint64_t> ReorderingWindow::packet_threshold() const {
  if (before_.only_time || now_.only_time) return std::nullopt;
  return kPacketThreshold;
}

Duration ReorderingWindow::time_threshold(const RttEstimator& rtt) const {
  const Duration base = round_trip(rtt);
  const Duration extra = std::max(before_.extra, now_.extra);
  // Beyond the probe timeout nothing is gained by waiting.
  const Duration most = std::max(2 * base, rtt.probe_timeout());
  return std::max(std::min(base * 9 / 8 + extra, most), kGranularity);
}

}  // namespace hawser
