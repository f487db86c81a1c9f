#pragma once
/// The words of `tc qdisc .. netem`, read as tc reads them. Used by the option `--netem`.
///
///     limit PACKETS
///     delay TIME [JITTER [CORRELATION]] [distribution uniform|normal|pareto|paretonormal]
///     loss [random] PERCENT [CORRELATION] | loss state P13 [P31 [P32 [P23 [P14]]]]
///       | loss gemodel P [R [1-H [1-K]]]
///     ecn
///     corrupt PERCENT [CORRELATION]      duplicate PERCENT [CORRELATION]
///     reorder PERCENT [CORRELATION] [gap DISTANCE]
///     rate RATE [PACKETOVERHEAD [CELLSIZE [CELLOVERHEAD]]]
///     slot MIN [MAX] | slot distribution NAME DELAY JITTER, then [packets N] [bytes SIZE]
///
/// As in tc, words may be cut short where they stay clear, `latency` and `drop` are other words for
/// `delay` and `loss`, percentages need no sign, k is 1024 in sizes and 1000 in rates, and a rate
/// in bps is one of bytes. A time without a unit is in nanoseconds, as tc takes it here. There is
/// no `seed`: randomness follows from `--seed`.

#include <optional>
#include <string>
#include <string_view>

#include "hawser/netsim/netem_config.h"

namespace hawser::cli {

/// A netem, or what is wrong with its words.
struct NetemWords {
  std::optional<netsim::NetemConfig> config;
  std::string complaint;  ///< one line that names the words, the value, what is accepted
};

NetemWords parse_netem_words(std::string_view text);

}  // namespace hawser::cli
