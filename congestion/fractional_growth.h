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
    carried_ = static_cast<std::int64_t>(sum % window.value());
    return ByteCount(static_cast<std::int64_t>(sum / window.value()));
  }

 private:
  __extension__ using Wide = __int128;
  std::int64_t carried_ = 0;  ///< in bytes squared, less than the last window
};

}  // namespace hawser
