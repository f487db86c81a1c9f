#include "tools/hawser/delivery_timeline.h"

#include <numeric>

namespace hawser::cli {

void DeliveryTimeline::add(Duration now, ByteCount bytes) {
  if (now < from_) return;
  const auto step = static_cast<std::size_t>((now - from_) / kStep);
  if (step >= bytes_.size()) bytes_.resize(step + 1);
  bytes_[step] += bytes.value();
}

std::optional<Duration> DeliveryTimeline::reached(Bandwidth rate, Duration span) const {
  const auto steps = static_cast<std::size_t>(span / kStep);
  const std::int64_t wanted = rate.bytes_in(span).value();
  for (std::size_t first = 0; first + steps <= bytes_.size(); ++first) {
    const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = begin + static_cast<std::ptrdiff_t>(steps);
    if (std::accumulate(begin, end, std::int64_t{0}) >= wanted) {
      return kStep * static_cast<std::int64_t>(first);
    }
  }
  return std::nullopt;
}

}  // namespace hawser::cli
