#include "arq/credit_window.h"

#include <algorithm>

namespace hawser {

CreditWindow::CreditWindow(ByteCount initial, ByteCount max)
    : size_(std::min(initial, max)), max_(max) {}

bool CreditWindow::on_taken(TimePoint now, ByteCount taken, Duration round_trip) {
  if (round_trip <= Duration::zero() || size_ == max_) return false;
  if (!interval_) interval_ = Interval{now, taken};
  const Duration elapsed = now - interval_->start;
  // Nothing taken: what comes next was not taken within one round trip either.
  if (elapsed < round_trip || taken == interval_->taken_before) return false;
  const Bandwidth rate = Bandwidth::from(taken - interval_->taken_before, elapsed);
  interval_ = Interval{now, taken};
  const ByteCount product = std::min(rate.bytes_in(round_trip), max_);
  const ByteCount wanted = std::min(product * kProducts, max_);
  if (wanted <= size_) return false;
  size_ = wanted;
  return true;
}

}  // namespace hawser
