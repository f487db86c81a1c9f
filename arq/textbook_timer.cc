#include "arq/textbook_timer.h"

#include <algorithm>

namespace hawser {

void TextbookTimer::on_ack(TimePoint now, std::uint64_t packets, TimePoint newest_sent) {
  if (packets == 0) return;
  if (!newest_ || newest_->time != now) {
    before_ = newest_;
    newest_ = Arrival{now, newest_sent, 0};
  }
  newest_->packets += packets;
  newest_->newest_sent = std::max(newest_->newest_sent, newest_sent);
  if (!before_) return;
  // Packets tell the frame time if they were under way together and the line, not the sender,
  // spaced them.
  const Duration ack_spacing = now - before_->time;
  const bool were_together = newest_->newest_sent < before_->time;
  const bool was_spread = newest_->newest_sent - before_->newest_sent < ack_spacing;
  if (were_together && was_spread) {
    note_spacing(ack_spacing / static_cast<std::int64_t>(newest_->packets));
  }
}

void TextbookTimer::note_spacing(Duration spacing) {
  if (spacing <= Duration::zero()) return;
  if (++spacings_ > kEpoch) {
    least_before_ = least_;
    least_ = spacing;
    spacings_ = 1;
  }
  least_ = least_ == Duration::zero() ? spacing : std::min(least_, spacing);
}

Duration TextbookTimer::frame_time() const {
  if (least_before_ == Duration::zero()) return least_;
  return std::min(least_, least_before_);
}

TimePoint TextbookTimer::deadline(TimePoint oldest_sent, const RttEstimator& rtt) const {
  // The measured round trip holds one frame time already; another one, or what the path varies by,
  // keeps the timer behind an acknowledgement that comes as late as one may. Where neither is known
  // (stop-and-wait on a steady path) a little must do.
  const Duration slack = std::max({frame_time(), rtt.variation(), rtt.smoothed() / 64});
  return oldest_sent + rtt.smoothed() + slack;
}

std::uint64_t TextbookTimer::packets_in_path(const RttEstimator& rtt) const {
  const Duration frame = frame_time();
  if (frame <= Duration::zero() || !rtt.has_sample()) return UINT64_MAX;
  const auto filling = (rtt.min() + frame - Duration(1)) / frame;
  return static_cast<std::uint64_t>(filling) + 1;
}

}  // namespace hawser
