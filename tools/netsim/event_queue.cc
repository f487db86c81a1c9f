#include "hawser/netsim/event_queue.h"

#include <algorithm>
#include <utility>

#include "hawser/assert.h"

namespace hawser::netsim {

Actor::~Actor() {
  if (queue_ != nullptr) queue_->cancel(*this);
}

EventQueue::~EventQueue() {
  for (const Pending& pending : heap_) pending.actor->queue_ = nullptr;
}

void EventQueue::schedule(Actor& actor, TimePoint at) {
  if (at == kNever) return cancel(actor);
  at = std::max(at, now_);
  if (!actor.is_scheduled()) {
    actor.queue_ = this;
    actor.position_ = heap_.size();
    heap_.emplace_back();
  } else {
    HAWSER_ASSERT(actor.queue_ == this);
    if (heap_[actor.position_].at == at) return;
  }
  heap_[actor.position_] = {at, next_insertion_++, &actor};
  sift(actor.position_);
}

void EventQueue::cancel(Actor& actor) {
  if (!actor.is_scheduled()) return;
  HAWSER_ASSERT(actor.queue_ == this);
  remove(actor.position_);
}

TimePoint EventQueue::wake_time(const Actor& actor) const {
  return actor.is_scheduled() ? heap_[actor.position_].at : kNever;
}

RunOutcome EventQueue::run_until(TimePoint deadline) {
  return run_until(deadline, [] { return false; });
}

RunOutcome EventQueue::run_until(TimePoint deadline, const std::function<bool()>& is_done) {
  for (;;) {
    if (is_done()) return RunOutcome::satisfied;
    if (heap_.empty() || next_event() > deadline) break;
    if (next_event() > now_) {
      events_at_now_ = 0;
    } else if (events_at_now_ >= storm_threshold_) {
      return RunOutcome::event_storm;
    }
    run_next();
  }
  if (deadline != kNever) now_ = std::max(now_, deadline);
  return heap_.empty() ? RunOutcome::idle : RunOutcome::deadline;
}

void EventQueue::run_next() {
  now_ = next_event();
  ++event_count_;
  ++events_at_now_;
  Actor& actor = *heap_.front().actor;
  remove(0);
  actor.on_wake(now_);
}

void EventQueue::place(std::size_t position, const Pending& pending) {
  heap_[position] = pending;
  pending.actor->position_ = position;
}

// Moves the entry at `position` to where it belongs, up or down.
void EventQueue::sift(std::size_t position) {
  const Pending moving = heap_[position];
  while (position > 0 && moving < heap_[(position - 1) / 2]) {
    place(position, heap_[(position - 1) / 2]);
    position = (position - 1) / 2;
  }
  for (;;) {
    std::size_t child = 2 * position + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1] < heap_[child]) ++child;
    if (!(heap_[child] < moving)) break;
    place(position, heap_[child]);
    position = child;
  }
  place(position, moving);
}

void EventQueue::remove(std::size_t position) {
  heap_[position].actor->queue_ = nullptr;
  const Pending last = heap_.back();
  heap_.pop_back();
  if (position == heap_.size()) return;
  place(position, last);
  sift(position);
}

void Timeline::at(TimePoint time, std::function<void()> action) {
  actions_.emplace(time, std::move(action));
  events_->schedule(*this, actions_.begin()->first);
}

void Timeline::on_wake(TimePoint now) {
  // One by one, since an action may add others.
  while (!actions_.empty() && actions_.begin()->first <= now) {
    const auto action = std::move(actions_.begin()->second);
    actions_.erase(actions_.begin());
    action();
  }
  events_->schedule(*this, actions_.empty() ? kNever : actions_.begin()->first);
}

}  // namespace hawser::netsim
