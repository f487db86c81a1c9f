#include "arq/sequence_bitmap.h"

#include <algorithm>
#include <bit>

namespace hawser {

namespace {

constexpr std::uint64_t bit(std::uint64_t position) { return std::uint64_t{1} << (position % 64); }
constexpr std::uint64_t at_or_above(std::uint64_t position) {
  return ~std::uint64_t{0} << (position % 64);
}
constexpr std::uint64_t at_or_below(std::uint64_t position) {
  return ~std::uint64_t{0} >> (63 - position % 64);
}
std::uint64_t highest(std::uint64_t word) {
  return 63 - static_cast<std::uint64_t>(std::countl_zero(word));
}
std::uint64_t lowest(std::uint64_t word) {
  return static_cast<std::uint64_t>(std::countr_zero(word));
}

}  // namespace

bool SequenceBitmap::extend(Sequence sequence) {
  const std::uint64_t word = sequence.value() / kBits;
  HAWSER_ASSERT(word >= first_word_);
  // Empty words too many do no harm, so a refusal half-way needs no undoing.
  while (word - first_word_ >= words_.size()) {
    if (!words_.push_back(0)) return false;
  }
  while (word / kBits - first_summary_ >= summary_.size()) {
    if (!summary_.push_back(0)) return false;
  }
  return true;
}

void SequenceBitmap::insert(Sequence sequence) {
  const std::uint64_t word = sequence.value() / kBits;
  HAWSER_ASSERT(holds(word));
  Word& bits = words_[word - first_word_];
  if ((bits & bit(sequence.value())) != 0) return;
  bits |= bit(sequence.value());
  summary_[word / kBits - first_summary_] |= bit(word);
  ++count_;
}

void SequenceBitmap::erase(Sequence sequence) {
  const std::uint64_t word = sequence.value() / kBits;
  if (!holds(word)) return;
  Word& bits = words_[word - first_word_];
  if ((bits & bit(sequence.value())) == 0) return;
  bits &= ~bit(sequence.value());
  if (bits == 0) summary_[word / kBits - first_summary_] &= ~bit(word);
  --count_;
}

std::optional<Sequence> SequenceBitmap::next(Sequence from) const {
  if (count_ == 0) return std::nullopt;
  std::uint64_t word = from.value() / kBits;
  if (holds(word)) {
    const Word bits = words_[word - first_word_] & at_or_above(from.value());
    if (bits != 0) return Sequence(word * kBits + lowest(bits));
    ++word;
  }
  const auto found = next_word(std::max(word, first_word_));
  if (!found) return std::nullopt;
  return Sequence(*found * kBits + lowest(words_[*found - first_word_]));
}

std::optional<std::uint64_t> SequenceBitmap::next_word(std::uint64_t word) const {
  Word mask = at_or_above(word);
  for (std::uint64_t i = word / kBits; i - first_summary_ < summary_.size(); ++i) {
    const Word bits = summary_[i - first_summary_] & mask;
    if (bits != 0) return i * kBits + lowest(bits);
    mask = ~Word{0};
  }
  return std::nullopt;
}

std::optional<Sequence> SequenceBitmap::previous(Sequence from) const {
  if (count_ == 0) return std::nullopt;
  const std::uint64_t word = from.value() / kBits;
  if (word < first_word_) return std::nullopt;
  if (holds(word)) {
    const Word bits = words_[word - first_word_] & at_or_below(from.value());
    if (bits != 0) return Sequence(word * kBits + highest(bits));
    if (word == first_word_) return std::nullopt;
  }
  const auto found = previous_word(std::min(word - 1, first_word_ + words_.size() - 1));
  if (!found) return std::nullopt;
  return Sequence(*found * kBits + highest(words_[*found - first_word_]));
}

std::optional<std::uint64_t> SequenceBitmap::previous_word(std::uint64_t word) const {
  Word mask = at_or_below(word);
  for (std::uint64_t i = word / kBits; i + 1 > first_summary_; --i) {
    const Word bits = summary_[i - first_summary_] & mask;
    if (bits != 0) return i * kBits + highest(bits);
    if (i == 0) break;
    mask = ~Word{0};
  }
  return std::nullopt;
}

void SequenceBitmap::raise_base(Sequence base) {
  const std::uint64_t word = base.value() / kBits;
  while (first_word_ < word && !words_.empty()) {
    HAWSER_ASSERT(words_.front() == 0);
    words_.pop_front();
    ++first_word_;
  }
  first_word_ = word;
  const std::uint64_t summary = word / kBits;
  summary_.pop_front(std::min<std::size_t>(summary_.size(), summary - first_summary_));
  first_summary_ = summary;
}

void SequenceBitmap::release(Sequence base) {
  HAWSER_ASSERT(count_ == 0);
  words_.release();
  summary_.release();
  first_word_ = base.value() / kBits;
  first_summary_ = first_word_ / kBits;
}

}  // namespace hawser
