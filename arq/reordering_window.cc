#include "arq/reordering_window.h"

#include <algorithm>

namespace hawser {

void ReorderingWindow::on_late_arrival(std::uint64_t depth, Duration age, const RttEstimator& rtt) {
  now_.only_time |= depth >= kPacketThreshold;
  // Against SRTT: the latest sample may be this very arrival's.
  if (age < rtt.smoothed() * 9 / 8) return;
  now_.extra = std::max(now_.extra, age - rtt.smoothed());  // an eighth more than it took
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
  const Duration round_trip = std::max(rtt.smoothed(), rtt.latest());
  const Duration learned = rtt.smoothed() * 9 / 8 + std::max(before_.extra, now_.extra);
  // Beyond the probe timeout nothing is gained by waiting.
  const Duration most = std::max(2 * round_trip, rtt.probe_timeout());
  return std::max({round_trip * 9 / 8, std::min(learned, most), kGranularity});
}

}  // namespace hawser
