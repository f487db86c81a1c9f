#pragma once
/// Linux's netem as its `tc` line configures it. Plain structs, a part of `LinkConfig`: for results
/// that must match a lab that runs sch_netem, oddities included. The other models do what their
/// figures say; these do what the kernel (6.x) does:
///
/// - a correlation starves or swells the loss: `loss 10% 25%` loses 1.75 %;
/// - the correlation of a delay has no effect;
/// - `limit` counts what is being delayed;
/// - damage is one flipped bit, here always one of the UDP payload;
/// - the rate counts payload + 28 bytes: on Ethernet, give an overhead of 14 bytes.

#include <cstdint>
#include <optional>
#include <variant>

#include "hawser/assert.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::netsim {

/// A share in the 32 bits that tc hands to the kernel: 0 is none of 2^32 - 1, and that all.
class NetemShare {
 public:
  constexpr NetemShare() = default;
  /// Rounds as tc does, to the nearest value, ties to the even one. `fraction` lies within 0 and 1
  /// (asserted).
  static constexpr NetemShare of(double fraction) {
    HAWSER_ASSERT(fraction >= 0 && fraction <= 1);
    const double scaled = fraction * kAll;
    auto rounded = static_cast<std::uint64_t>(scaled);
    const double rest = scaled - static_cast<double>(rounded);
    if (rest > 0.5 || (rest == 0.5 && rounded % 2 == 1)) ++rounded;
    return NetemShare(static_cast<std::uint32_t>(rounded));
  }
  /// What tc makes of "`percent`%". From 0 to 100 (asserted).
  static constexpr NetemShare percent(double percent) { return of(percent / 100); }
  static constexpr NetemShare all() { return NetemShare(kAll); }

  constexpr std::uint32_t value() const { return value_; }
  constexpr bool is_zero() const { return value_ == 0; }
  constexpr bool operator==(const NetemShare&) const = default;

 private:
  static constexpr std::uint32_t kAll = UINT32_MAX;
  constexpr explicit NetemShare(std::uint32_t value) : value_(value) {}
  std::uint32_t value_ = 0;
};

/// Something that befalls datagrams, and how much its draws resemble one another.
struct NetemChance {
  NetemShare probability{};
  NetemShare correlation{};
  bool operator==(const NetemChance&) const = default;
};

/// `loss gemodel p r 1-h 1-k`. tc's default for r is 1 - p.
struct NetemGilbertElliott {
  NetemShare enter_bad{};                   ///< p
  NetemShare leave_bad{};                   ///< r
  NetemShare loss_bad = NetemShare::all();  ///< 1-h
  NetemShare loss_good{};                   ///< 1-k
  bool operator==(const NetemGilbertElliott&) const = default;
};

/// `loss state p13 p31 p32 p23 p14`: 1 and 2 deliver in a gap and in a burst, 3 and 4 lose in a
/// burst and in a gap. tc's default for p31 is 1 - p13.
struct NetemFourState {
  NetemShare p13{};
  NetemShare p31{};
  NetemShare p32{};
  NetemShare p23 = NetemShare::all();
  NetemShare p14{};
  bool operator==(const NetemFourState&) const = default;
};

/// How delays spread: by one of the tables that come with tc, or evenly within +-jitter.
enum class NetemDistribution : std::uint8_t { uniform, normal, pareto, paretonormal };

/// A random time. The kernel takes no jitter beyond 2^31 - 1 ns and uses that instead.
struct NetemDelay {
  Duration mean{0};
  Duration jitter{0};
  NetemDistribution distribution = NetemDistribution::uniform;
  bool operator==(const NetemDelay&) const = default;
};

/// A transmission that begins where the last queued datagram's ended.
struct NetemRate {
  Bandwidth rate = Bandwidth::infinite();  ///< whole bytes per second, at least one
  ByteCount packet_overhead{0};            ///< added to each datagram; may be negative
  ByteCount cell_size{0};                  ///< datagrams go in cells of this size; 0: they do not
  ByteCount cell_overhead{0};              ///< added to each cell; may be negative
  bool operator==(const NetemRate&) const = default;
};

/// Datagrams leave in bunches, one per slot. The time to the next slot is drawn between `min` and
/// `max`, or from `spacing` if there is one. All of them zero: no slots.
struct NetemSlot {
  Duration min{0};
  Duration max{0};
  std::optional<NetemDelay> spacing{};
  std::int32_t packets = 0;  ///< that leave in one slot; 0: any number
  ByteCount bytes{0};        ///< after which a slot ends; 0: any number
  bool operator==(const NetemSlot&) const = default;
};

/// One netem. The defaults are tc's: nothing happens to up to 1000 datagrams.
struct NetemConfig {
  std::uint32_t limit = 1000;  ///< datagrams inside, those being delayed included
  NetemDelay delay{};
  NetemShare delay_correlation{};
  std::variant<NetemChance, NetemGilbertElliott, NetemFourState> loss{};
  bool ecn = false;  ///< marks ECN-capable datagrams that it would lose
  NetemChance corrupt{};
  NetemChance duplicate{};
  NetemChance reorder{};
  std::uint32_t gap = 1;  ///< only each of that number may be sent early; at least 1
  std::optional<NetemRate> rate{};
  std::optional<NetemSlot> slot{};
  bool operator==(const NetemConfig&) const = default;
};

}  // namespace hawser::netsim
