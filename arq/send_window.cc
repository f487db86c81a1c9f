#include "arq/send_window.h"

#include <algorithm>

namespace hawser {

SendWindow::SendWindow(MemoryPool& pool, std::uint64_t window)
    : slots_(pool), unacked_(pool), lost_(pool), window_(window) {
  HAWSER_ASSERT(window >= 1);
}

std::uint64_t SendWindow::room() const {
  const Sequence next = next_sequence();
  const std::uint64_t credit = peer_limit_ > next ? peer_limit_.since(next) : 0;
  return std::min(window_ - slots_.size(), credit);
}

void SendWindow::set_peer_limit(Sequence limit) {
  if (limit > peer_limit_) peer_limit_ = limit;
}

bool SendWindow::push(const SegmentRange& range, Sequence& sequence) {
  HAWSER_ASSERT(can_push());
  // All memory first, so that a refusal finds nothing half done.
  const Sequence added = next_sequence();
  if (!unacked_.extend(added) || !lost_.extend(added)) return false;
  if (!slots_.push_back({.range = range, .transmission = PacketNumber()})) return false;
  unacked_.insert(added);
  probe_above_ = added;
  is_probed_from_above_ = false;
  sequence = added;
  return true;
}

std::optional<SegmentRange> SendWindow::on_acked(Sequence sequence) {
  Slot* const acked = slot(sequence);
  if (acked == nullptr || acked->state == SegmentState::acknowledged) return std::nullopt;
  // A copy of an abandoned segment may still arrive: its place is free then, but its bytes were
  // accounted for when it was abandoned.
  const bool was_abandoned = acked->state == SegmentState::abandoned;
  const SegmentRange range = acked->range;
  acked->state = SegmentState::acknowledged;
  unacked_.erase(sequence);
  lost_.erase(sequence);
  advance_base();
  if (was_abandoned) return std::nullopt;
  return range;
}

void SendWindow::on_lost(Sequence sequence, PacketNumber transmission) {
  Slot* const lost = slot(sequence);
  if (lost == nullptr || lost->state != SegmentState::in_flight) return;
  if (lost->transmission > transmission) return;  // a later one may still arrive
  lost->state = SegmentState::lost;
  if (lost->times_lost < UINT8_MAX) ++lost->times_lost;
  lost_.insert(sequence);
}

void SendWindow::on_transmitted(Sequence sequence, PacketNumber transmission) {
  Slot* const sent = slot(sequence);
  HAWSER_ASSERT(sent != nullptr);
  HAWSER_ASSERT(sent->state == SegmentState::in_flight || sent->state == SegmentState::lost);
  sent->transmission = transmission;
  sent->state = SegmentState::in_flight;
  lost_.erase(sequence);
}

void SendWindow::mark_all_lost() {
  for (auto at = unacked_.next(base_); at; at = unacked_.next(at->next())) {
    slot(*at)->state = SegmentState::lost;
    lost_.insert(*at);
  }
}

std::optional<SegmentRange> SendWindow::abandon(Sequence sequence) {
  Slot* const abandoned = slot(sequence);
  if (abandoned == nullptr || abandoned->state == SegmentState::acknowledged ||
      abandoned->state == SegmentState::abandoned) {
    return std::nullopt;
  }
  abandoned->state = SegmentState::abandoned;
  unacked_.erase(sequence);
  lost_.erase(sequence);
  return abandoned->range;
}

void SendWindow::on_skip_acked(Sequence sequence) {
  Slot* const skipped = slot(sequence);
  if (skipped == nullptr || skipped->state == SegmentState::acknowledged) return;
  HAWSER_ASSERT(skipped->state == SegmentState::abandoned);
  skipped->is_skip_acked = true;
  advance_base();
}

std::optional<Sequence> SendWindow::next_probe() {
  is_probed_from_above_ = !is_probed_from_above_;
  const auto next_turn = [this] { return is_probed_from_above_ ? turn_above() : turn_below(); };
  auto turn = next_turn();
  if (turn && turn == last_probe_) turn = next_turn();
  last_probe_ = turn;
  return turn;
}

std::optional<Sequence> SendWindow::turn_above() {
  auto turn = unacked_.previous(probe_above_);
  if (!turn) turn = unacked_.previous(next_sequence());
  if (turn) probe_above_ = turn->value() > 0 ? *turn - 1 : next_sequence();
  return turn;
}

std::optional<Sequence> SendWindow::turn_below() {
  auto turn = unacked_.next(probe_below_);
  if (!turn) turn = unacked_.next(base_);
  if (turn) probe_below_ = turn->next();
  return turn;
}

const SegmentRange* SendWindow::find(Sequence sequence) const {
  if (sequence < base_ || sequence >= next_sequence()) return nullptr;
  return &slots_[sequence.since(base_)].range;
}

SegmentState SendWindow::state(Sequence sequence) const {
  HAWSER_ASSERT(sequence < next_sequence());
  if (sequence < base_) return SegmentState::acknowledged;
  return slots_[sequence.since(base_)].state;
}

SendWindow::Slot* SendWindow::slot(Sequence sequence) {
  HAWSER_ASSERT(sequence < next_sequence());
  return sequence < base_ ? nullptr : &slots_[sequence.since(base_)];
}

void SendWindow::advance_base() {
  const auto is_done = [](const Slot& at) {
    return at.state == SegmentState::acknowledged || at.is_skip_acked;
  };
  while (!slots_.empty() && is_done(slots_.front())) {
    slots_.pop_front();
    base_ = base_.next();
  }
  if (!slots_.empty()) {
    unacked_.raise_base(base_);
    lost_.raise_base(base_);
    return;
  }
  // An idle connection is small. The pool keeps the blocks at hand.
  slots_.release();
  unacked_.release(base_);
  lost_.release(base_);
}

}  // namespace hawser
