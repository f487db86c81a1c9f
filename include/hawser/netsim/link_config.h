#pragma once
/// What one direction of a simulated path does to datagrams, in the vocabulary of Linux's netem.
///
/// Plain structs: the defaults are a perfect wire, every field is independent of the others, and
/// any of them may change in mid-run (`Link::apply`). All times within a configuration count from
/// the start of the run. The order in which a link applies them stands in `link.h`.
///
/// Amounts are not negative, times at most 100,000 h; narrower ranges stand at the fields. A link
/// refuses what `validate` complains about: it prints that line and aborts, in every build, since a
/// test on another network than it asked for proves nothing.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "hawser/netsim/damage_config.h"
#include "hawser/netsim/delay_config.h"
#include "hawser/netsim/loss_config.h"
#include "hawser/netsim/netem_config.h"
#include "hawser/netsim/probability.h"
#include "hawser/netsim/queue_config.h"
#include "hawser/netsim/rate_trace.h"
#include "hawser/netsim/release_config.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::netsim {

/// Datagrams offered in [from, to) are dropped; `kForever` as the end: all that come later.
struct Blackout {
  Duration from{0};
  Duration to{0};
  bool operator==(const Blackout&) const = default;
};

/// One direction of a path.
struct LinkConfig {
  Duration delay{0};  ///< not negative
  Jitter jitter{};
  Reordering reorder{};
  Probability loss{};  ///< each datagram on its own
  std::optional<GilbertElliott> loss_ge{};
  std::optional<TimedGilbertElliott> loss_ge_time{};
  std::optional<FourStateLoss> loss_state{};
  /// The models above together never lose more than so many in a row; at least 1.
  std::uint32_t loss_burst_max = std::numeric_limits<std::uint32_t>::max();
  LossPattern loss_pattern{};
  ScriptedDrops drop{};
  Probability duplicate{};
  Damage damage{};
  Replay replay{};
  EcnFault ecn_fault = EcnFault::none;
  Bandwidth rate = Bandwidth::infinite();  ///< not zero
  QueueLimit queue{};
  /// ECN-capable datagrams that a byte limit of this size would drop are marked CE.
  ByteCount ecn_mark = ByteCount::max();
  ByteCount mtu = ByteCount::max();  ///< as an IP size: payload + 28 beyond it is dropped
  std::vector<Blackout> blackouts{};
  std::optional<Policer> policer{};
  Aqm aqm{};
  /// Takes the place of `rate`. Its times count from the start of the run, whenever it is set.
  std::optional<RateTrace> trace{};
  /// In place of everything above but `mtu`, `ecn_fault` and `blackouts`: Linux's netem, oddities
  /// included.
  std::optional<NetemConfig> netem{};
  std::vector<Clog> clogs{};
  RandomClogs random_clogs{};
  std::optional<Aggregation> aggregation{};
  std::optional<Slots> slots{};
  bool operator==(const LinkConfig&) const = default;

  /// What is wrong, as one line that names the field, its value and what is accepted; nothing if
  /// all is well.
  std::optional<std::string> validate() const;
  /// Whether datagrams may have to wait for their turn.
  bool has_rate() const { return !mean_rate().is_infinite(); }
  /// What the link carries on average: by its netem's rate, by its trace or by its rate.
  Bandwidth mean_rate() const {
    if (netem) return netem->rate ? netem->rate->rate : Bandwidth::infinite();
    return trace ? trace->mean_rate() : rate;
  }
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
