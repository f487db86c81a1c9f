#pragma once
/// A fingerprint of a run: two runs with the same hash sent the same bytes at the same times.

#include <cstdint>

#include "hawser/netsim/link.h"

namespace hawser::netsim {

/// A 64-bit hash over every datagram offered to the links that it observes: time since the start,
/// link number, fate, bytes; in the order of the offers. The same on every platform. It finds
/// differences, not forgeries. Not thread-safe.
class TraceHash final : public LinkObserver {
 public:
  void on_offered(const OfferedDatagram& offered) override;
  std::uint64_t value() const { return state_; }

 private:
  void absorb(std::uint64_t word);
  std::uint64_t state_ = 0x13198A2E03707344ULL;  // anything but zero
};

}  // namespace hawser::netsim
