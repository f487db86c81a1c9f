#pragma once
/// What goes wrong on a simulated host itself: its socket, its process, its clock.
///
/// Plain structs; the defaults are a host that always works. Times count from the start of the
/// run. Chance draws from a stream of the host's own.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hawser/netsim/probability.h"
#include "hawser/time.h"

namespace hawser::netsim {

/// From `from` up to, and not including, `to`.
struct Period {
  Duration from{0};
  Duration to{0};
  bool operator==(const Period&) const = default;
};

/// The clock is set forward. A steady clock never goes back, and Hawser asks for one.
struct ClockJump {
  Duration at{0};
  Duration by{0};  ///< not negative (asserted)
  bool operator==(const ClockJump&) const = default;
};

struct HostFaults {
  // The socket. Up to 64 datagrams wait in a blocked one; then the endpoint is asked for no more.
  /// A datagram to be sent finds the socket's buffer full, as EAGAIN says: it and what follows
  /// waits, and when `blocked_for` is over the socket is tried again.
  Probability send_blocked{};
  Duration blocked_for = std::chrono::milliseconds(1);  ///< positive (asserted)
  /// A datagram to be sent is refused for want of buffers, as ENOBUFS says, and lost.
  Probability send_refused{};

  // The process.
  /// It does not run: no timer, no reading, no sending; what arrives waits in the socket.
  std::vector<Period> pauses{};
  /// Datagrams that may wait there; more are dropped and counted. At least 1 (asserted).
  std::size_t receive_buffer = 1024;
  /// The application takes an event no sooner than this after the one before; zero: at once. What
  /// it has not taken uses up the endpoint's receive window.
  Duration read_interval{0};

  // The clock that the endpoint is given.
  std::vector<Period> clock_freezes{};  ///< it stands still, and then shows the right time at once
  std::vector<ClockJump> clock_jumps{};
  /// How much too fast it runs, in millionths; -500,000 to 1,000,000 (asserted).
  std::int64_t clock_drift_ppm = 0;

  bool operator==(const HostFaults&) const = default;
};

}  // namespace hawser::netsim
