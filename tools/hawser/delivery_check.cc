#include "tools/hawser/delivery_check.h"

#include <algorithm>

#include "tools/hawser/message_content.h"

namespace hawser::cli {

bool SeenIndices::mark(std::uint64_t index) {
  if (index < first_unseen_) return false;
  if (index >= end_) {
    if (index >= kWindow) first_unseen_ = std::max(first_unseen_, index - kWindow + 1);
    grow_to(index + 1 - first_unseen_);
    for (std::uint64_t at = std::max(end_, first_unseen_); at < index; ++at) {
      seen_[at % seen_.size()] = false;
    }
    end_ = index + 1;
  } else if (seen_[index % seen_.size()]) {
    return false;
  }
  seen_[index % seen_.size()] = true;
  while (first_unseen_ < end_ && seen_[first_unseen_ % seen_.size()]) ++first_unseen_;
  return true;
}

// Doubles the ring until `span` numbers fit.
void SeenIndices::grow_to(std::uint64_t span) {
  std::size_t size = std::max<std::size_t>(seen_.size(), 64);
  while (size < span) size *= 2;
  if (size == seen_.size()) return;
  std::vector<bool> larger(size);
  for (std::uint64_t at = first_unseen_; at < end_; ++at) {
    larger[at % size] = seen_[at % seen_.size()];
  }
  seen_ = std::move(larger);
}

DeliveryCheck::DeliveryCheck(const Expectation& expectation)
    : expectation_(expectation),
      index_bits_(index_bits_of(expectation.message_size)),
      is_anonymous_(index_bits_ < 32 && expectation.delivery != Delivery::ordered) {
  if (is_anonymous_) anonymous_.resize(std::size_t{1} << index_bits_);
}

DeliveryCheck::Verdict DeliveryCheck::check(std::span<const std::uint8_t> message) {
  std::optional<ReadStamp> stamp;
  if (message.size() == expectation_.message_size) {
    stamp = read_message(message, expectation_.flow_key);
  }
  if (!stamp) {
    ++counts_.corrupt;
    return {};
  }
  if (is_anonymous_) {
    ++anonymous_[static_cast<std::size_t>(stamp->index_low)];
    return accept(std::nullopt);
  }
  const std::uint64_t index = expand(stamp->index_low);
  const std::uint64_t end = seen_.end();
  if (!seen_.mark(index)) {
    ++counts_.duplicates;
    return {};
  }
  if (index < end) {
    ++counts_.overtaken;
    if (expectation_.delivery == Delivery::ordered) ++counts_.out_of_order;
  }
  Verdict verdict = accept(index);
  verdict.due = stamp->due;
  return verdict;
}

DeliveryCheck::Verdict DeliveryCheck::accept(std::optional<std::uint64_t> index) {
  ++counts_.delivered;
  counts_.bytes += ByteCount::of(expectation_.message_size);
  return {.is_new = true, .index = index, .due = std::nullopt};
}

// The index with these low bits that is closest to the next one in order (RFC 9000 A.3's way).
std::uint64_t DeliveryCheck::expand(std::uint64_t index_low) const {
  if (index_bits_ == 64) return index_low;
  const std::uint64_t expected = seen_.end();
  const std::uint64_t period = std::uint64_t{1} << index_bits_;
  const std::uint64_t candidate = (expected & ~(period - 1)) | index_low;
  if (candidate + period / 2 < expected) return candidate + period;
  if (candidate > expected + period / 2 && candidate >= period) return candidate - period;
  return candidate;
}

DeliveryCounts DeliveryCheck::counts(std::uint64_t messages_sent) const {
  DeliveryCounts counts = counts_;
  for (std::size_t low = 0; low < anonymous_.size(); ++low) {
    const std::uint64_t sent =
        messages_sent > low ? (messages_sent - low - 1) / anonymous_.size() + 1 : 0;
    const std::uint64_t excess = anonymous_[low] - std::min(anonymous_[low], sent);
    counts.duplicates += excess;
    counts.delivered -= excess;
    counts.bytes -= ByteCount::of(expectation_.message_size) * static_cast<std::int64_t>(excess);
  }
  return counts;
}

}  // namespace hawser::cli
