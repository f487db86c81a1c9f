#pragma once
/// All deadlines of a connection in one place: next_timeout is their minimum.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "hawser/time.h"

namespace hawser {

enum class TimerKind : std::uint8_t {
  handshake_retransmission,
  handshake_timeout,
  recovery,  ///< loss by time, probe, or the textbook protocols' timer
  pacing,
  ack,
  path_challenge,
  keepalive,
  credit,  ///< a sign of life from a sender that waits for credit
  idle,
  reassembly,  ///< a look at unreliable messages whose missing parts may be lost
  close        ///< the end of closing and draining
};
inline constexpr std::size_t kTimerKinds = 11;

class TimerTable {
 public:
  TimerTable() { deadlines_.fill(kNever); }
  void set(TimerKind kind, TimePoint deadline) { slot(kind) = deadline; }
  void clear(TimerKind kind) { slot(kind) = kNever; }
  void clear_all() { deadlines_.fill(kNever); }
  TimePoint deadline(TimerKind kind) const { return deadlines_[static_cast<std::size_t>(kind)]; }
  bool is_expired(TimerKind kind, TimePoint now) const { return deadline(kind) <= now; }
  TimePoint next() const { return *std::min_element(deadlines_.begin(), deadlines_.end()); }

 private:
  TimePoint& slot(TimerKind kind) { return deadlines_[static_cast<std::size_t>(kind)]; }
  std::array<TimePoint, kTimerKinds> deadlines_{};
};

}  // namespace hawser
