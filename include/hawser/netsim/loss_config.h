#pragma once
/// Which datagrams a simulated link loses. Plain structs, parts of `LinkConfig`; a datagram is lost
/// if any of the models in force says so.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "hawser/netsim/probability.h"
#include "hawser/time.h"

namespace hawser::netsim {

/// Bursty loss clocked by packets: netem's `loss gemodel p r 1-h 1-k`. The state moves once per
/// datagram, after it decided about that datagram; it begins as good.
struct GilbertElliott {
  Probability enter_bad{};                        ///< p: from good to bad
  Probability leave_bad{};                        ///< r: from bad to good
  Probability loss_bad = Probability::certain();  ///< 1-h: loss while bad
  Probability loss_good{};                        ///< 1-k: loss while good
  bool operator==(const GilbertElliott&) const = default;
};

/// Loss clocked by packets with four states: netem's `loss state p13 p31 p32 p23 p14`, with tc's
/// defaults. A datagram moves the state, then the new state decides: a gap (1) and a burst (2) let
/// it pass, a loss in a burst (3) and a lone loss (4) do not. It begins in a gap; a lone loss ends
/// with the next datagram.
///
///      gap (1) --p13-> burst loss (3) --p32-> burst (2) --p23-> burst loss (3) --p31-> gap (1)
///      gap (1) --p14-> lone loss (4) --always-> gap (1)
struct FourStateLoss {
  Probability p13{};
  Probability p31{};  ///< tc's default is 1 - p13
  Probability p32{};
  Probability p23 = Probability::certain();
  Probability p14{};
  /// Ways out of one state together cannot be more than certain; checked where it is used.
  bool is_possible() const {
    const auto fit = [](Probability a, Probability b) {
      return a.fixed_point(62) + b.fixed_point(62) <= Probability::certain().fixed_point(62);
    };
    return fit(p13, p14) && fit(p31, p32);
  }
  bool operator==(const FourStateLoss&) const = default;
};

/// Bursty loss clocked by time: good and bad periods alternate, each exponentially long. Begins
/// with a good period. Unlike the packet clock it is fair to sparse traffic.
struct TimedGilbertElliott {
  Duration mean_bad{0};   ///< positive
  Duration mean_good{0};  ///< positive
  Probability loss_bad = Probability::certain();
  bool operator==(const TimedGilbertElliott&) const = default;
};

/// A loss written down: '1' drops, '0' passes, nothing else stands there; it repeats. Empty: none.
struct LossPattern {
  std::string drops{};
  /// One position for both directions of the path, in the order of sending.
  bool spans_both_directions = false;
  bool operator==(const LossPattern&) const = default;
};

/// The place of the next datagram in a pattern. Directions that share a pattern share it.
struct LossPatternPosition {
  std::size_t next = 0;
};

/// Datagrams to drop by their number, in any order: the first one offered after the list was set is
/// number 1.
struct ScriptedDrops {
  std::vector<std::uint64_t> with_message_bytes{};  ///< counts only those that carry message bytes
  std::vector<std::uint64_t> of_all{};              ///< counts all
  bool operator==(const ScriptedDrops&) const = default;
};

}  // namespace hawser::netsim
