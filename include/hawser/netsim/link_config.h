#pragma once
/// What one direction of a simulated path does to datagrams, in the vocabulary of Linux's netem.
///
/// Plain structs: the defaults are a perfect wire, every field is independent of the others, and
/// any of them may change in mid-run (`Link::apply`). All times within a configuration count from
/// the start of the run. The order in which a link applies them stands in `link.h`.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hawser/netsim/probability.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::netsim {

enum class JitterDistribution : std::uint8_t {
  uniform,  ///< within -spread and +spread
  normal    ///< with a standard deviation of spread
};

/// A random part of the delay. Datagrams overtake one another where it makes them; a delay never
/// falls below zero.
struct Jitter {
  Duration spread{0};
  JitterDistribution distribution = JitterDistribution::uniform;
  /// How much of one datagram's jitter stays in the next one's: a first-order autoregression whose
  /// lag-1 correlation is this value and whose standard deviation is that of the uncorrelated
  /// jitter. Below 1 (asserted). A correlated uniform jitter is the sum of many draws: rare values
  /// lie beyond the spread.
  Probability correlation{};
  bool operator==(const Jitter&) const = default;
};

/// Datagrams that skip the delay, as netem's `reorder`: after `gap` - 1 delayed ones each next one
/// skips with this probability until one did; then the count begins again.
struct Reordering {
  Probability probability{};
  std::uint32_t gap = 1;  ///< at least 1 (asserted)
  bool operator==(const Reordering&) const = default;
};

/// Bursty loss clocked by packets: netem's `loss gemodel p r 1-h 1-k`. The state moves once per
/// datagram, after it decided about that datagram; it begins as good.
struct GilbertElliott {
  Probability enter_bad{};                        ///< p: from good to bad
  Probability leave_bad{};                        ///< r: from bad to good
  Probability loss_bad = Probability::certain();  ///< 1-h: loss while bad
  Probability loss_good{};                        ///< 1-k: loss while good
  bool operator==(const GilbertElliott&) const = default;
};

/// Bursty loss clocked by time: good and bad periods alternate, each exponentially long. Begins
/// with a good period. Unlike the packet clock it is fair to sparse traffic.
struct TimedGilbertElliott {
  Duration mean_bad{0};   ///< positive (asserted)
  Duration mean_good{0};  ///< positive (asserted)
  Probability loss_bad = Probability::certain();
  bool operator==(const TimedGilbertElliott&) const = default;
};

/// A loss written down: '1' drops, '0' passes; it repeats. Empty: none.
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

/// How much may wait for the link; what would go beyond is dropped (drop-tail). The datagram that
/// is being serialised does not wait. No effect on a link without a rate: nothing waits there.
struct QueueLimit {
  std::int64_t packets = INT64_MAX;
  ByteCount bytes = ByteCount::max();  ///< payload + 28 each
  Duration time = kForever;            ///< the longest wait before the own serialisation begins
  bool operator==(const QueueLimit&) const = default;
};

/// Datagrams offered in [from, to) are dropped.
struct Blackout {
  Duration from{0};
  Duration to{0};
  bool operator==(const Blackout&) const = default;
};

/// One direction of a path.
struct LinkConfig {
  Duration delay{0};
  Jitter jitter{};
  Reordering reorder{};
  Probability loss{};  ///< each datagram on its own
  std::optional<GilbertElliott> loss_ge{};
  std::optional<TimedGilbertElliott> loss_ge_time{};
  LossPattern loss_pattern{};
  ScriptedDrops drop{};
  Probability duplicate{};
  Probability corrupt{};
  std::uint32_t corrupt_bits = 1;  ///< different bits flipped in a damaged datagram, at least 1
  Bandwidth rate = Bandwidth::infinite();  ///< not zero (asserted)
  QueueLimit queue{};
  /// ECN-capable datagrams that a byte limit of this size would drop are marked CE.
  ByteCount ecn_mark = ByteCount::max();
  ByteCount mtu = ByteCount::max();  ///< as an IP size: payload + 28 beyond it is dropped
  std::vector<Blackout> blackouts{};
  bool operator==(const LinkConfig&) const = default;
};

/// Both directions from `at` on.
struct PathChange {
  Duration at{0};
  LinkConfig up{};
  LinkConfig down{};
  bool operator==(const PathChange&) const = default;
};

/// A two-way path between clients (up) and servers (down) with all that happens to it.
struct PathConfig {
  LinkConfig up{};
  LinkConfig down{};
  std::vector<PathChange> changes{};  ///< by time; each holds the whole configuration from then on
  std::vector<Duration> rebinds{};    ///< when the client's public address changes, ascending
  bool operator==(const PathConfig&) const = default;
};

}  // namespace hawser::netsim
