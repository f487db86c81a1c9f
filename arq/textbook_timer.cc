#include "arq/textbook_timer.h"

#include <algorithm>

#include "arq/retransmission_timer.h"

namespace hawser {

namespace {

/// Two losses in a row are chance; more are a round trip that grew beyond what was measured.
constexpr int kExpiriesWithoutBackoff = 2;

}  // namespace

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
  // spaced them. Spaced by the sender, they show at least what the line can do.
  if (newest_->newest_sent >= before_->time) return;
  const Duration ack_spacing = now - before_->time;
  const Duration sent_spacing = newest_->newest_sent - before_->newest_sent;
  const Bandwidth rate = Bandwidth::from(newest_->bytes, std::max(ack_spacing, sent_spacing));
  if (sent_spacing < ack_spacing || rate > line_rate()) note_rate(rate);
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
  // A little faster than measured, within what `packets_in_path` allows: a sender that never queues
  // would never learn that its estimate fell too low.
  line_free_ = std::max(line_free_, now) + line_rate().scaled(129, 128).transfer_time(bytes);
}

std::uint64_t TextbookTimer::packets_in_path(ByteCount size, const RttEstimator& rtt) const {
  const Duration frame = line_rate().transfer_time(size);
  if (frame <= Duration::zero() || !rtt.has_sample()) return UINT64_MAX;
  return static_cast<std::uint64_t>((rtt.min() + frame - Duration(1)) / frame) + 1;
}

TimePoint TextbookTimer::deadline(TimePoint oldest_sent, const RttEstimator& rtt) const {
  // What the path varies by, or on a steady path a little, keeps the timer behind an
  // acknowledgement that comes as late as one may. Packets of acknowledgements ahead of it on the
  // line take up to a quarter of a frame; where the line is not known, a part of a short round trip
  // has to do.
  const Duration ahead = line_rate().is_infinite() ? std::min(rtt.smoothed() / 16, kGranularity)
                                                   : line_rate().transfer_time(largest_sent_) / 4;
  const Duration slack = std::max({rtt.variation(), rtt.smoothed() / 64, ahead});
  const Duration wait = std::max(rtt.smoothed() + slack, kGranularity);
  const int doublings = std::clamp(expiries_ - kExpiriesWithoutBackoff, 0, 30);
  const Duration longest = std::max(wait, RetransmissionTimer::kBackoffMax);
  return oldest_sent + std::min(wait * (std::int64_t{1} << doublings), longest);
}

}  // namespace hawser
