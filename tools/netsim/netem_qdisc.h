#pragma once
/// Linux's sch_netem (6.x) on datagrams, step by step. Owned by the pipeline.
///
///     duplicate? -> lost? (both: neither) -> one bit damaged? -> limit -> the copy enters, for
///     which all but duplication is drawn anew -> early? sent at once : delay, rate -> time-ordered
///     queue -> slot -> out
///
/// It looks for something to send after each offer and when a timer says so, never in between: the
/// slots notice. Both happen at their own times, however late or often `poll` is called.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "hawser/netsim/link.h"
#include "tools/netsim/corruption.h"
#include "tools/netsim/delay_line.h"
#include "tools/netsim/draws.h"
#include "tools/netsim/netem_draws.h"
#include "tools/netsim/netem_slots.h"
#include "tools/netsim/wait_histogram.h"

namespace hawser::netsim {

/// A datagram is first judged, then, if it passed, enqueued. Not thread-safe. Times never decrease
/// from call to call.
class NetemQdisc {
 public:
  struct Departure {
    Datagram datagram;
    TimePoint at;
  };

  NetemQdisc(const StreamSource& streams, MemoryPool& pool);
  // Its models draw from their own place: there is one.
  NetemQdisc(const NetemQdisc&) = delete;
  NetemQdisc& operator=(const NetemQdisc&) = delete;

  /// Begins all models anew, as `tc qdisc change` does. What is inside keeps its times.
  void configure(TimePoint now, const NetemConfig& config);
  /// Draws what happens to a datagram offered now, all departures by now polled.
  Fate judge(TimePoint now, const Datagram& datagram);
  /// Takes the datagram that was judged last, which passed, and its copy if it has one.
  void enqueue(TimePoint now, Datagram&& datagram);
  /// The next one to leave by `now`, with the time at which it left.
  std::optional<Departure> poll(TimePoint now);
  /// When `poll` is worth calling next: never later than the next departure.
  TimePoint next_timeout() const { return next_look_; }

  /// How long what comes now waits for the rate, if it is delayed as long as the one before it.
  Duration queue_delay(TimePoint now) const { return transmission_ahead(now); }
  void start_averages(TimePoint now);
  /// Adds what was counted here. Waiting is that for the rate alone.
  void report_to(LinkStats& stats, TimePoint now) const;

 private:
  // What was drawn for a datagram or its copy.
  struct Passage {
    bool is_marked = false;
    bool is_early = false;
    Duration delay{0};
    std::optional<std::uint64_t> damage_seed{};
  };

  bool draw_loss(const Datagram& datagram, Passage& passage);
  void draw_damage(const Datagram& datagram, Passage& passage);
  void draw_departure(Passage& passage);
  void enqueue_one(TimePoint now, Datagram&& datagram, const Passage& passage);
  TimePoint time_to_send(TimePoint now, const Datagram& datagram, Duration delay);
  Duration transmission_time(ByteCount size) const;
  Duration transmission_ahead(TimePoint now) const {
    return std::max(transmitting_until_ - now, Duration::zero());
  }

  MemoryPool& pool_;
  NetemConfig config_;

  NetemDraws duplicate_;
  NetemLoss loss_;
  NetemDraws corrupt_;
  SeededRandom damage_;
  NetemDraws reorder_;
  NetemDraws delay_;
  NetemSlots slots_;
  std::uint32_t delayed_in_a_row_ = 0;

  std::vector<Datagram> early_;  // the last one leaves first
  DelayLine line_;
  TimePoint next_look_ = kNever;
  TimePoint transmitting_until_{};

  // Of the datagram judged last.
  Passage original_;
  std::optional<Passage> copy_;

  LinkStats counted_;
  Duration wait_sum_{0};
  std::int64_t waits_ = 0;
  WaitHistogram wait_histogram_;
};

}  // namespace hawser::netsim
