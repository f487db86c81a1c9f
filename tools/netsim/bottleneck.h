#pragma once
/// The rate of a link and the queue before it. Owned by the pipeline.

#include <cstdint>
#include <memory>
#include <optional>

#include "hawser/netsim/datagram.h"
#include "hawser/netsim/link_config.h"
#include "tools/netsim/draws.h"
#include "tools/netsim/queue_discipline.h"
#include "tools/netsim/serializer.h"
#include "tools/netsim/wait_histogram.h"

namespace hawser::netsim {

/// Serialises datagrams one after the other. Works lazily: whoever asks first lets all begin whose
/// turn had come by then, so that it does not matter how often one asks. Not thread-safe.
class Bottleneck {
 public:
  using Verdict = QueueDiscipline::Verdict;
  struct Figures {
    Duration wait_max{0};  ///< since the beginning
    Duration wait_sum{0};  ///< since `start_averages`, as are the rest
    std::int64_t waits = 0;
    Duration wait_p50{0};
    Duration wait_p99{0};
    Duration busy{0};
  };
  struct Counters {
    std::uint64_t dropped = 0;     ///< by the discipline's judgement, after they had been taken
    std::uint64_t overflowed = 0;  ///< dropped to make room for others
    std::uint64_t marked = 0;      ///< CE set after they had been taken
  };

  /// `start`: where a trace's times count from.
  explicit Bottleneck(const StreamSource& streams = {}, TimePoint start = {});

  /// All settings hold for what begins or comes from `now` on.
  void configure(TimePoint now, const LinkConfig& config);
  /// Whether a datagram may come in now, everything before it polled. To be asked once for each.
  Verdict admit(TimePoint now, const Datagram& datagram);
  /// Takes one that was admitted at that instant.
  void push(QueuedDatagram&& queued);
  /// The next one, if its serialisation begins at `now` or began before; it knows when that ends.
  std::optional<QueuedDatagram> poll(TimePoint now);
  /// A time not later than the end of the next serialisation to begin, and not before its begin;
  /// `kNever` if nothing waits.
  TimePoint next_end() const;
  bool empty() const { return queue_->empty(); }
  /// Since the beginning, whatever the discipline.
  Counters counters() const;
  /// Of these, all drops.
  std::uint64_t dropped() const {
    const Counters all = counters();
    return all.dropped + all.overflowed;
  }

  /// How long something that comes now waits for its turn, if nothing overtakes it.
  Duration queue_delay(TimePoint now) const {
    return serializer_.wait_behind(now, queue_->tally().bytes);
  }
  void start_averages(TimePoint now);
  Figures figures(TimePoint now) const;

 private:
  std::unique_ptr<QueueDiscipline> make_queue(const Aqm& aqm) const;
  void change_queue(const Aqm& aqm);
  // Waiting begins with the first of those that wait: all others came while it did.
  TimePoint next_start() const { return serializer_.next_start(waiting_since_); }
  bool exceeds_limit(TimePoint now, ByteCount wire_size) const;

  StreamSource streams_;
  QueueLimit limit_;
  ByteCount ecn_mark_ = ByteCount::max();
  Serializer serializer_;
  Aqm aqm_;
  std::unique_ptr<QueueDiscipline> queue_;
  Counters earlier_;  // of disciplines before this one
  TimePoint waiting_since_{};
  Figures figures_;
  WaitHistogram waits_;
};

}  // namespace hawser::netsim
