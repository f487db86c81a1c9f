#pragma once
/// Reordering by depth: datagrams that wait until others have overtaken them. Owned by the link.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "hawser/netsim/datagram.h"
#include "hawser/netsim/delay_config.h"

namespace hawser::netsim {

/// Knows arrivals before they happen: a datagram leaves it as soon as it is certain when it
/// arrives. Not thread-safe.
class HoldBack {
 public:
  /// Beyond so many none is held.
  static constexpr std::size_t kHeldCountMax = 1024;

  /// A datagram and when it arrives.
  struct Release {
    TimePoint arrival;
    Datagram datagram;
  };

  bool empty() const { return held_.empty(); }
  bool is_full() const { return held_.size() == kHeldCountMax; }
  /// Holds a datagram that would have arrived then, until `depth` others (above zero) have
  /// overtaken it. Must not be full.
  void hold(Release&& datagram, std::uint32_t depth);
  /// One that left later than all that are held will arrive then. Returns whether it overtakes any.
  bool note_arrival(TimePoint arrival);
  /// The next one that enough have overtaken.
  std::optional<Release> poll_overtaken();
  /// The next one that at `now` has been held for as long as any may be.
  std::optional<Release> poll_overdue(TimePoint now);
  /// When the first will be overdue, or `kNever`.
  TimePoint next_deadline() const;

 private:
  struct Held {
    Release release;  // `arrival` moves behind those that overtake it
    TimePoint deadline;
    std::uint32_t missing = 0;  // so many more must overtake it
  };
  Release take(std::vector<Held>::iterator held);

  std::vector<Held> held_;  // in the order of coming
};

}  // namespace hawser::netsim
