#pragma once
/// What comes before the rate of a simulated link: a policer, and the queue with its limit and its
/// discipline. Plain structs, parts of `LinkConfig`.

#include <cstdint>
#include <variant>

#include "hawser/netsim/probability.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::netsim {

/// How much may wait for the link; what would go beyond is dropped: the datagram that comes, or,
/// under FQ-CoDel, the head of the longest queue. The datagram that is being serialised does not
/// wait. No effect on a link without a rate: nothing waits there.
struct QueueLimit {
  std::int64_t packets = INT64_MAX;
  ByteCount bytes = ByteCount::max();  ///< payload + 28 each
  Duration time = kForever;            ///< the longest wait before the own serialisation begins
  bool operator==(const QueueLimit&) const = default;
};

/// First in, first out, without judgement.
struct DropTail {
  bool operator==(const DropTail&) const = default;
};

/// Random early detection (Floyd and Jacobson 1993) with the "gentle" slope: the average queue
/// decides by chance about what comes. Nothing is dropped below `min`; from there the chance grows
/// to `max_probability` at `max`, then to certainty at twice `max`. The average moves by a fixed
/// part of the difference with each datagram and decays while the queue is empty.
struct Red {
  static constexpr std::uint32_t kWeightShiftMax = 16;
  ByteCount min{30'000};
  ByteCount max{90'000};                                   ///< above `min`
  Probability max_probability = Probability::percent(10);  ///< above zero
  /// That part is 1 / 2^`weight_shift`: 1/512, near the paper's 0.002, if nothing else is said.
  std::uint32_t weight_shift = 9;  ///< at most `kWeightShiftMax`
  bool operator==(const Red&) const = default;
};

/// Controlled delay (RFC 8289): drops at the head once the wait has stayed above `target` for an
/// `interval`, ever faster until it falls below.
struct Codel {
  Duration target = std::chrono::milliseconds(5);
  Duration interval = std::chrono::milliseconds(100);  ///< above zero
  bool operator==(const Codel&) const = default;
};

/// A CoDel queue for each flow, by a hash of addresses and ports, served by turns; new flows first
/// (RFC 8290).
struct FqCodel {
  static constexpr std::uint32_t kQueuesMax = 65'536;
  Codel codel{};
  ByteCount quantum{1514};      ///< bytes in one turn, above zero
  std::uint32_t queues = 1024;  ///< 1 to `kQueuesMax`
  bool operator==(const FqCodel&) const = default;
};

/// In which order what waits leaves, and what of it is dropped to keep the wait short. CoDel and
/// FQ-CoDel mark ECN-capable datagrams (CE) where they would drop others; RED does so below twice
/// its `max`, and drops them all from there on; drop-tail never does. A discipline that is changed
/// in mid-run begins anew with what waits.
using Aqm = std::variant<DropTail, Red, Codel, FqCodel>;

/// A token bucket without a queue: a datagram that finds too few tokens is dropped. Exactly
/// `initial` + `rate` x time bytes may pass, `burst` of them at most at once.
struct Policer {
  static constexpr ByteCount kBurstMax{1'000'000'000};
  Bandwidth rate;             ///< at which tokens come, counting payload + 28; not zero
  ByteCount burst{65'536};    ///< the bucket's size; 1 to `kBurstMax`
  ByteCount initial = burst;  ///< in the bucket at first, at most `burst`
  bool operator==(const Policer&) const = default;
};

}  // namespace hawser::netsim
