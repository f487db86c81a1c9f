#pragma once
/// When a packet number is left out, so that a peer that acknowledges what it did not receive gives
/// itself away: such acknowledgements would drive the congestion window up (RFC 9000 s21.4).
///
/// The intervals are drawn, since a peer must not guess them, and double up to some 100,000
/// numbers: the peer sees each as a gap, and answers it at once. A plain value; not thread-safe.

#include <algorithm>
#include <cstdint>

#include "hawser/units.h"

namespace hawser {

class NumberSkips {
 public:
  static constexpr std::uint64_t kIntervalMin = 256;
  static constexpr std::uint64_t kIntervalMax = std::uint64_t{1} << 17;

  /// The first is due after `kIntervalMin` numbers, and sets no trap if the peer knows this.
  bool is_due(PacketNumber next) const { return next >= due_; }
  /// `left_out` was, and the next will be up to two intervals later. `random`: any 64 bits.
  void on_skipped(PacketNumber left_out, std::uint64_t random) {
    due_ = left_out + interval_ + random % interval_;
    interval_ = std::min(2 * interval_, kIntervalMax);
  }

 private:
  std::uint64_t interval_ = kIntervalMin;
  PacketNumber due_{kIntervalMin};
};

}  // namespace hawser
