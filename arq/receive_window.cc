#include "arq/receive_window.h"

#include <algorithm>
#include <bit>

namespace hawser {

namespace {

constexpr std::uint64_t kAllBits = ~std::uint64_t{0};

constexpr std::uint64_t bit(Sequence sequence) {
  return std::uint64_t{1} << (sequence.value() % 64);
}

}  // namespace

ReceiveWindow::ReceiveWindow(MemoryPool& pool, std::uint64_t window, std::uint64_t skip_window)
    : words_(pool), window_(window), skip_window_(skip_window) {
  HAWSER_ASSERT(window >= 1 && window <= skip_window && skip_window <= kWindowMax);
}

ReceiveWindow::Verdict ReceiveWindow::judge(Sequence sequence) const {
  if (sequence < base_) return Verdict::duplicate;
  // A skip may have reached beyond the window: what it named is known there too.
  const std::uint64_t index = word_index(sequence);
  if (index < words_.size() && (words_[index] & bit(sequence)) != 0) return Verdict::duplicate;
  return sequence < limit() ? Verdict::accepted : Verdict::ahead;
}

ReceiveWindow::Verdict ReceiveWindow::accept(Sequence sequence) {
  const Verdict verdict = judge(sequence);
  if (verdict != Verdict::accepted) return verdict;
  // In order and nothing beyond: the bitmap is not needed.
  if (sequence == base_ && words_.empty()) {
    base_ = base_.next();
    return verdict;
  }
  if (!extend(sequence)) return Verdict::no_memory;  // the peer will send it again
  words_[word_index(sequence)] |= bit(sequence);
  advance_base();
  return verdict;
}

ReceiveWindow::Verdict ReceiveWindow::skip(Sequence smallest, Sequence largest) {
  if (largest >= base_ + skip_window_) return Verdict::ahead;
  if (largest < base_ || smallest > largest) return Verdict::duplicate;
  if (smallest <= base_) {  // the usual case, and it needs no memory
    words_.pop_front(std::min<std::size_t>(words_.size(), word_index(largest.next())));
    base_ = largest.next();
    advance_base();
    return Verdict::accepted;
  }
  if (!extend(largest)) return Verdict::no_memory;
  bool is_new = false;
  const std::uint64_t last = word_index(largest);
  for (std::uint64_t index = word_index(smallest); index <= last; ++index) {
    Word mask = kAllBits;
    if (index == word_index(smallest)) mask &= kAllBits << (smallest.value() % kBits);
    if (index == last) mask &= kAllBits >> (kBits - 1 - largest.value() % kBits);
    is_new = is_new || (words_[index] & mask) != mask;
    words_[index] |= mask;
  }
  advance_base();
  return is_new ? Verdict::accepted : Verdict::duplicate;
}

bool ReceiveWindow::extend(Sequence sequence) {
  const std::uint64_t index = word_index(sequence);
  // Words too many are empty, hence harmless if memory ends half-way.
  while (words_.size() <= index) {
    if (!words_.push_back(0)) return false;
  }
  return true;
}

/// Moves the base past all that was taken.
void ReceiveWindow::advance_base() {
  while (!words_.empty()) {
    const std::uint64_t offset = base_.value() % kBits;
    auto run = static_cast<std::uint64_t>(std::countr_one(words_.front() >> offset));
#ifdef HAWSER_CANARY
    // The defect of `hawser-canary`, which the swarm must find: one segment in four is passed
    // over where a later one has arrived.
    if ((offset + run) % 4 == 3 && (words_.size() > 1 || words_.front() >> offset >> run != 0)) {
      ++run;
    }
#endif
    base_ = base_ + std::min(run, kBits - offset);
    if (base_.value() % kBits != 0 || run == 0) break;
    words_.pop_front();
  }
  const auto holds_none = [this] { return words_.front() >> (base_.value() % kBits) == 0; };
  if (words_.empty() || (words_.size() == 1 && holds_none())) words_.release();
}

}  // namespace hawser
