#pragma once
/// What holds datagrams back at the far end of a link, behind the delay: aggregation, then slots.
/// Owned by the pipeline.

#include <cstdint>
#include <optional>

#include "hawser/netsim/datagram.h"
#include "hawser/netsim/release_config.h"
#include "hawser/random.h"
#include "hawser/time.h"
#include "tools/netsim/ring.h"

namespace hawser::netsim {

/// The boundaries of slots and what still fits into the one at hand. Draws once for each boundary;
/// none if all intervals are equal. Not thread-safe.
class SlotClock {
 public:
  explicit SlotClock(SeededRandom random) : random_(random) {}
  /// The same settings again change nothing.
  void configure(TimePoint now, const std::optional<Slots>& config);
  bool is_on() const { return config_.has_value(); }
  /// When a datagram may leave that is ready at `ready`, which never decreases; it takes its place.
  TimePoint assign(TimePoint ready, ByteCount wire_size);

 private:
  Duration draw_interval();
  void begin_slot(TimePoint boundary);

  std::optional<Slots> config_;
  SeededRandom random_;
  TimePoint boundary_{};
  std::int64_t packets_left_ = 0;
  ByteCount bytes_left_{0};
};

/// First in, first out. Works lazily: it does not matter how often one asks. Not thread-safe.
class ReleaseGate {
 public:
  explicit ReleaseGate(SeededRandom random) : slots_(random) {}

  /// For what comes from now on; what gathers is let go where aggregation changes.
  void configure(TimePoint now, const std::optional<Aggregation>& aggregation,
                 const std::optional<Slots>& slots);
  /// Whether anything is, or would be, held back.
  bool is_needed() const;
  /// Takes what came at `arrival`, which never decreases.
  void push(TimePoint arrival, Datagram&& datagram);
  /// When the next one leaves, seldom earlier; `kNever` if nothing is held.
  TimePoint next_release() const;
  std::optional<Datagram> poll(TimePoint now);

 private:
  struct Held {
    Datagram datagram;
    TimePoint leaves;
  };
  void let_go(TimePoint at);

  std::optional<Aggregation> aggregation_;
  SlotClock slots_;
  Ring<Datagram> gathering_;
  ByteCount gathered_{0};
  TimePoint deadline_{};  // of what gathers
  Ring<Held> leaving_;
};

}  // namespace hawser::netsim
