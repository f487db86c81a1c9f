#include "tools/netsim/codel_queue.h"

#include <algorithm>
#include <cmath>

#include "hawser/assert.h"

namespace hawser::netsim {
namespace {

// Marks the datagram if it can be; false if it must be dropped instead.
bool mark(QueuedDatagram& queued, QueueTally& tally) {
  if (!can_be_marked(queued.datagram.ecn)) return false;
  queued.datagram.ecn = Ecn::ce;
  ++tally.marked;
  return true;
}

}  // namespace

TimePoint codel_next_drop(TimePoint last, Duration interval, std::uint64_t count) {
  // IEEE 754 gives the division and the root exactly rounded everywhere.
  const double spacing =
      static_cast<double>(interval.count()) / std::sqrt(static_cast<double>(count));
  return last + Duration(static_cast<std::int64_t>(spacing));
}

void CodelLine::push(QueuedDatagram&& queued, QueueTally& tally) {
  tally.add(queued);
  bytes_ += queued.wire_size();
  largest_ = std::max(largest_, queued.wire_size());
  waiting_.push_back(std::move(queued));
}

std::optional<QueuedDatagram> CodelLine::take(QueueTally& tally) {
  if (waiting_.empty()) return std::nullopt;
  QueuedDatagram first = waiting_.take_front();
  bytes_ -= first.wire_size();
  tally.remove(first);
  return first;
}

CodelLine::Head CodelLine::take_head(TimePoint now, const Codel& config, QueueTally& tally) {
  Head head{.item = take(tally)};
  if (!head.item) {
    above_target_until_ = kNever;
    return head;
  }
  head.may_be_dropped = has_waited_too_long(now, now - head.item->offered, config);
  return head;
}

bool CodelLine::has_waited_too_long(TimePoint now, Duration wait, const Codel& config) {
  // Less than one datagram behind it: the line is not starved for the sake of the wait.
  if (wait < config.target || bytes_ <= largest_) {
    above_target_until_ = kNever;
    return false;
  }
  if (above_target_until_ == kNever) above_target_until_ = now + config.interval;
  return now >= above_target_until_;
}

std::optional<QueuedDatagram> CodelLine::pop(TimePoint now, const Codel& config,
                                             QueueTally& tally) {
  Head head = take_head(now, config, tally);
  if (!head.may_be_dropped) {
    is_dropping_ = false;
    return std::move(head.item);
  }
  if (!is_dropping_) {
    begin_dropping(now, config);
    if (mark(*head.item, tally)) return std::move(head.item);
    ++tally.dropped;
    return take_head(now, config, tally).item;
  }
  while (is_dropping_ && now >= next_drop_) {
    ++count_;
    const bool is_marked = mark(*head.item, tally);
    if (!is_marked) {
      ++tally.dropped;
      head = take_head(now, config, tally);
      is_dropping_ = head.may_be_dropped;
    }
    if (is_dropping_) next_drop_ = codel_next_drop(next_drop_, config.interval, count_);
    if (is_marked) break;
  }
  return std::move(head.item);
}

void CodelLine::begin_dropping(TimePoint now, const Codel& config) {
  is_dropping_ = true;
  // Where the last dropping state was not long ago, its rate was about right.
  const std::uint64_t drops = count_ - last_count_;
  const bool is_recent = now - next_drop_ < config.interval * 16;
  count_ = drops > 1 && is_recent ? drops : 1;
  next_drop_ = codel_next_drop(now, config.interval, count_);
  last_count_ = count_;
}

CodelQueue::CodelQueue(const Codel& config) : config_(config) {
  HAWSER_ASSERT(config.target >= Duration::zero() && config.interval > Duration::zero());
}

}  // namespace hawser::netsim
