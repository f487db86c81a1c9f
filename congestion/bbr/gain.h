#pragma once
/// A factor in hundredths, as the draft writes its gains: {277} is 2.77.

#include "hawser/units.h"

namespace hawser::bbr {

struct Gain {
  std::int64_t hundredths;
};

constexpr Bandwidth operator*(Gain gain, Bandwidth rate) {
  return rate.scaled(gain.hundredths, 100);
}
/// Of less than 2^50 bytes.
constexpr ByteCount operator*(Gain gain, ByteCount bytes) { return bytes * gain.hundredths / 100; }

}  // namespace hawser::bbr
