#pragma once
/// Netem's slots: the moments at which a medium that is shared, or an interface that aggregates,
/// lets a bunch of datagrams go. Owned by the netem queue.

#include <cstdint>
#include <optional>

#include "hawser/netsim/netem_config.h"
#include "hawser/units.h"
#include "tools/netsim/netem_draws.h"

namespace hawser::netsim {

/// Not thread-safe. Without slots it is always open.
class NetemSlots {
 public:
  explicit NetemSlots(SeededRandom random) : draws_(random) {}
  /// The first slot opens at `now`.
  void configure(TimePoint now, const std::optional<NetemSlot>& config);

  bool are_on() const { return next_.has_value(); }
  /// To be told of the first in the queue, due at `due`, whenever netem looks for something to
  /// send: a slot that opens before there is anything to send is lost.
  void on_look(TimePoint now, TimePoint due);
  /// When the next datagram may leave, no earlier than `due`.
  TimePoint open_from(TimePoint due) const { return next_ && *next_ > due ? *next_ : due; }
  /// A datagram of that size left.
  void on_sent(TimePoint now, ByteCount size);

 private:
  void draw_next(TimePoint now);

  NetemDraws draws_;
  NetemSlot config_;
  std::optional<TimePoint> next_;
  std::int64_t packets_left_ = 0;
  ByteCount bytes_left_{0};
};

}  // namespace hawser::netsim
