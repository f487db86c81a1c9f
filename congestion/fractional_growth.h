#pragma once
/// Growth by fractions of a byte, in integers: a window that gains one datagram per round trip
/// gains less than a byte per acknowledgement once it holds more bytes than a datagram squared, and
/// rounding each step down would stop it. Owned by a controller; a plain value.

#include "hawser/units.h"

namespace hawser {

class FractionalGrowth {
 public:
  /// The whole bytes of acked * step / window; the rest is carried over to the next call. None of
  /// the three is negative, `window` is positive.
  ByteCount add(ByteCount acked, ByteCount step, ByteCount window) {
    HAWSER_ASSERT(window > ByteCount(0));
    const Wide sum = Wide(acked.value()) * step.value() + carried_;
    // Most sums fit in 64 bits, which processors divide many times faster than 128.
    const auto narrow = static_cast<std::int64_t>(sum);
    return narrow == sum ? split(narrow, window.value()) : split(sum, window.value());
  }

 private:
  __extension__ using Wide = __int128;
  template <typename Sum>
  ByteCount split(Sum sum, std::int64_t window) {
    carried_ = static_cast<std::int64_t>(sum % window);
    return ByteCount(static_cast<std::int64_t>(sum / window));
  }
  std::int64_t carried_ = 0;  ///< in bytes squared, less than the last window
};

}  // namespace hawser
