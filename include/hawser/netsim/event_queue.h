#pragma once
/// Virtual time: a clock that jumps from one event to the next.
///
/// Each actor has at most one pending wake-up, which it may move or cancel; events of one instant
/// happen in the order in which they were scheduled. The order is total, so that a run is repeated
/// exactly. Not thread-safe.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "hawser/time.h"

namespace hawser::netsim {

class EventQueue;

/// Something that acts at a time of its choosing. Destroying it cancels its wake-up.
class Actor {
 public:
  Actor() = default;
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;

  /// The time that the actor asked for has come. It may schedule anyone, itself too.
  virtual void on_wake(TimePoint now) = 0;
  /// Whether a wake-up is pending.
  bool is_scheduled() const { return queue_ != nullptr; }

 protected:
  virtual ~Actor();

 private:
  friend class EventQueue;
  EventQueue* queue_ = nullptr;  // set while a wake-up is pending
  std::size_t position_ = 0;     // in the queue's heap
};

/// Why a run stopped.
enum class RunOutcome : std::uint8_t {
  satisfied,   ///< the predicate held
  deadline,    ///< the time is up
  idle,        ///< nothing is left to happen before the deadline
  event_storm  ///< too much happened without the time moving: a defect of an actor
};

/// The clock and all pending wake-ups.
class EventQueue {
 public:
  /// Never zero, so that an unset time cannot pass for a real one.
  static constexpr TimePoint kStart{std::chrono::seconds(1)};
  static constexpr std::uint64_t kStormThreshold = 1'000'000;

  /// `storm_threshold`: how many events, and what counts like one, may happen at one instant.
  explicit EventQueue(std::uint64_t storm_threshold = kStormThreshold)
      : storm_threshold_(storm_threshold) {}
  ~EventQueue();
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  /// The virtual time: that of the event that is happening, or that happened last.
  TimePoint now() const { return now_; }
  /// Sets the actor's wake-up to `at`, in place of a pending one. A time in the past means now;
  /// `kNever` cancels. Asking for the pending time again keeps the place in the order.
  void schedule(Actor& actor, TimePoint at);
  /// Takes the actor's wake-up away, if it has one.
  void cancel(Actor& actor);
  /// The pending wake-up, or `kNever`.
  TimePoint wake_time(const Actor& actor) const;
  /// The next event's time, or `kNever`.
  TimePoint next_event() const { return heap_.empty() ? kNever : heap_.front().at; }

  /// Runs events up to and including `deadline`, which becomes the time (unless it is `kNever`).
  RunOutcome run_until(TimePoint deadline);
  /// As above, and stops as soon as `is_done()` holds: asked at first and after each event.
  RunOutcome run_until(TimePoint deadline, const std::function<bool()>& is_done);
  /// Within an event: something else happened that counts like one, such as a delivery.
  void count_towards_storm() { ++events_at_now_; }
  /// Events that have happened.
  std::uint64_t event_count() const { return event_count_; }

 private:
  struct Pending {
    TimePoint at;
    std::uint64_t insertion;
    Actor* actor;
    bool operator<(const Pending& other) const {
      return at != other.at ? at < other.at : insertion < other.insertion;
    }
  };
  void run_next();
  void place(std::size_t position, const Pending& pending);
  void sift(std::size_t position);
  void remove(std::size_t position);

  TimePoint now_ = kStart;
  std::vector<Pending> heap_;  // binary min-heap; every actor knows its position
  std::uint64_t next_insertion_ = 0;
  std::uint64_t event_count_ = 0;
  std::uint64_t events_at_now_ = 0;
  std::uint64_t storm_threshold_;
};

/// Actions at set times: changes of links, rebindings, whatever a test wants to happen.
class Timeline final : public Actor {
 public:
  explicit Timeline(EventQueue& events) : events_(&events) {}
  /// Calls `action` at that time; those of one instant in the order of these calls.
  void at(TimePoint time, std::function<void()> action);
  void on_wake(TimePoint now) override;

 private:
  EventQueue* events_;
  std::multimap<TimePoint, std::function<void()>> actions_;
};

}  // namespace hawser::netsim
