#include "arq/textbook_timer.h"

#include <algorithm>

namespace hawser {

void TextbookTimer::on_ack(TimePoint now, ByteCount bytes, TimePoint newest_sent) {
  if (bytes == ByteCount(0)) return;
  if (!newest_ || newest_->time != now) {
    before_ = newest_;
    newest_ = Arrival{now, newest_sent, ByteCount(0)};
  }
  newest_->bytes += bytes;
  newest_->newest_sent = std::max(newest_->newest_sent, newest_sent);
  if (!before_) return;
  // Packets tell the line's rate if they were under way together and the line, not the sender,
  // spaced them.
  const Duration ack_spacing = now - before_->time;
  const bool were_together = newest_->newest_sent < before_->time;
  const bool was_spread = newest_->newest_sent - before_->newest_sent < ack_spacing;
  if (were_together && was_spread) note_rate(Bandwidth::from(newest_->bytes, ack_spacing));
}

void TextbookTimer::note_rate(Bandwidth rate) {
  if (rate.is_infinite()) return;
  if (++rates_ > kEpoch) {
    highest_before_ = highest_;
    highest_ = rate;
    rates_ = 1;
  }
  highest_ = std::max(highest_, rate);
}

Bandwidth TextbookTimer::line_rate() const {
  const Bandwidth highest = std::max(highest_, highest_before_);
  return highest.is_zero() ? Bandwidth::infinite() : highest;
}

void TextbookTimer::on_sent(TimePoint now, ByteCount bytes) {
  largest_sent_ = std::max(largest_sent_, bytes);
  line_free_ = std::max(line_free_, now) + line_rate().transfer_time(bytes);
}

std::uint64_t TextbookTimer::packets_in_path(ByteCount size, const RttEstimator& rtt) const {
  const Duration frame = line_rate().transfer_time(size);
  if (frame <= Duration::zero() || !rtt.has_sample()) return UINT64_MAX;
  return static_cast<std::uint64_t>((rtt.min() + frame - Duration(1)) / frame) + 1;
}

TimePoint TextbookTimer::deadline(TimePoint oldest_sent, const RttEstimator& rtt) const {
  // What the path varies by, or on a steady path a little, keeps the timer behind an
  // acknowledgement that comes as late as one may: an eighth of a frame is what a packet of
  // acknowledgements ahead of it takes on the line.
  const Duration slack = std::max(
      {rtt.variation(), rtt.smoothed() / 64, line_rate().transfer_time(largest_sent_) / 8});
  return oldest_sent + rtt.smoothed() + slack;
}

}  // namespace hawser
