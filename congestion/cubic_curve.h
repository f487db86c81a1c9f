#pragma once
/// The curve of CUBIC as a pure function of time: W_cubic(t) = C (t - K)^3 + W_max, in datagrams,
/// with C = 0.4 (RFC 9438 s4.2). In integers throughout, so that every platform draws the same one.

#include "hawser/units.h"

namespace hawser {

/// Where a curve begins and where it levels out.
struct CubicCurveShape {
  ByteCount start;    ///< cwnd_epoch: the window at t = 0
  ByteCount plateau;  ///< W_max; taken as `start` if less
  ByteCount datagram_size;
};

/// One curve, from the start of a congestion avoidance stage to its end. A plain value.
class CubicCurve {
 public:
  /// A curve that stays at zero, to be assigned over.
  CubicCurve() = default;
  explicit CubicCurve(const CubicCurveShape& shape);

  /// The window at `t` since the start, to the byte. Constant beyond 18 minutes from the plateau,
  /// where it stands for half a billion datagrams.
  ByteCount window(Duration t) const;
  /// K: when the curve reaches the plateau. Zero if it starts there.
  Duration time_to_plateau() const { return time_to_plateau_; }

 private:
  ByteCount plateau_{0};
  ByteCount datagram_size_{0};
  Duration time_to_plateau_{0};
};

}  // namespace hawser
