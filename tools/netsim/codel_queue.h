#pragma once
/// CoDel, RFC 8289: a queue that is judged by how long its datagrams waited. `CodelLine` is the
/// algorithm, which FQ-CoDel has many of; `CodelQueue` is the discipline of one.

#include <cstdint>

#include "hawser/netsim/queue_config.h"
#include "tools/netsim/queue_discipline.h"

namespace hawser::netsim {

/// When the next drop is due after one at `last`, the `count`th of a dropping state:
/// interval / sqrt(count) later (RFC 8289 s3.3).
TimePoint codel_next_drop(TimePoint last, Duration interval, std::uint64_t count);

/// One first-in-first-out line. It tells its owner's tally of all that comes and goes. Not
/// thread-safe.
class CodelLine {
 public:
  void push(QueuedDatagram&& queued, QueueTally& tally);
  /// The next one that survives the judgement at `now` (RFC 8289 s5.5). ECN-capable ones are marked
  /// where others would be dropped.
  std::optional<QueuedDatagram> pop(TimePoint now, const Codel& config, QueueTally& tally);
  /// The next one, without judgement.
  std::optional<QueuedDatagram> take(QueueTally& tally);
  bool empty() const { return waiting_.empty(); }
  std::int64_t packets() const { return static_cast<std::int64_t>(waiting_.size()); }
  ByteCount bytes() const { return bytes_; }

 private:
  // Takes the head, and says whether it waited too long, as others before it.
  struct Head {
    std::optional<QueuedDatagram> item;
    bool may_be_dropped = false;
  };
  Head take_head(TimePoint now, const Codel& config, QueueTally& tally);
  bool has_waited_too_long(TimePoint now, Duration wait, const Codel& config);
  void begin_dropping(TimePoint now, const Codel& config);

  Ring<QueuedDatagram> waiting_;
  ByteCount bytes_{0};
  ByteCount largest_{0};  // of all datagrams that came
  bool is_dropping_ = false;
  TimePoint above_target_until_ = kNever;  // when an interval above the target is over
  TimePoint next_drop_{};
  std::uint64_t count_ = 0;       // drops since the dropping state began
  std::uint64_t last_count_ = 0;  // what `count_` began with
};

/// Not thread-safe.
class CodelQueue final : public QueueDiscipline {
 public:
  explicit CodelQueue(const Codel& config);
  void push(QueuedDatagram&& queued) override { line_.push(std::move(queued), tally_); }
  std::optional<QueuedDatagram> pop(TimePoint now) override {
    return line_.pop(now, config_, tally_);
  }
  std::optional<QueuedDatagram> take() override { return line_.take(tally_); }

 private:
  Codel config_;
  CodelLine line_;
};

}  // namespace hawser::netsim
