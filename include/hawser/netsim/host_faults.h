#pragma once
/// What goes wrong on a simulated host itself: its socket, its process, its clock.
///
/// Plain structs; the defaults are a host that always works. Times count from the start of the
/// run. Chance draws from a stream of the host's own. A host refuses what `validate` complains
/// about: it prints that line and aborts, in every build.
///
/// That the nth allocation fails is asked of the host's pool in mid-run:
/// `host.pool().refuse_nth(n)` (memory_pool.h); a host that restarted has another pool.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hawser/netsim/probability.h"
#include "hawser/time.h"

namespace hawser::netsim {

/// From `from` up to, and not including, `to`, which may be `kForever`.
struct Period {
  Duration from{0};
  Duration to{0};
  bool operator==(const Period&) const = default;
};

/// The clock is set forward. A steady clock never goes back, and Hawser asks for one.
struct ClockJump {
  Duration at{0};
  Duration by{0};  ///< not negative
  bool operator==(const ClockJump&) const = default;
};

struct HostFaults {
  // The socket. Up to 64 datagrams wait in a blocked one; then the endpoint is asked for no more.
  /// A datagram to be sent finds the socket's buffer full, as EAGAIN says: it and what follows
  /// waits, and when `blocked_for` is over the socket is tried again.
  Probability send_blocked{};
  Duration blocked_for = std::chrono::milliseconds(1);  ///< positive
  /// A datagram to be sent is refused for want of buffers, as ENOBUFS says, and lost.
  Probability send_refused{};

  // The process.
  /// It does not run: no timer, no reading, no sending; what arrives waits in the socket.
  std::vector<Period> pauses{};
  /// It dies at `from`, without a word to its peers, and what arrives is dropped and counted until
  /// a new one runs at `to`, with the configuration of the old one: all connections are gone, and
  /// nobody connects again but the application (`EndpointHost::set_crash_handler`). Give the
  /// endpoint a secret, or its peers learn of it by their timeouts alone.
  std::vector<Period> crashes{};
  /// Datagrams that may wait there; more are dropped and counted. At least 1.
  std::size_t receive_buffer = 1024;
  /// The application takes an event no sooner than this after the one before; zero: at once. What
  /// it has not taken uses up the endpoint's receive window.
  Duration read_interval{0};

  // The clock that the endpoint is given.
  std::vector<Period> clock_freezes{};  ///< it stands still, and then shows the right time at once
  std::vector<ClockJump> clock_jumps{};
  /// How much too fast it runs, in millionths; -500,000 to 1,000,000.
  std::int64_t clock_drift_ppm = 0;

  /// What is wrong, as one line that names the field, its value and what is accepted; nothing if
  /// all is well.
  std::optional<std::string> validate() const;
  bool operator==(const HostFaults&) const = default;
};

}  // namespace hawser::netsim
