#pragma once
/// The sending side of a simulated host's socket, with its moods. Owned by the host.

#include <cstdint>
#include <optional>

#include "hawser/netsim/datagram.h"
#include "hawser/netsim/host_faults.h"
#include "hawser/random.h"
#include "hawser/time.h"
#include "tools/netsim/ring.h"

namespace hawser::netsim {

/// Takes datagrams and gives those that leave. What it does to one depends on the datagrams before
/// it alone, not on how many a call brings. Not thread-safe.
class HostSocket {
 public:
  /// Datagrams that wait in it while it is blocked.
  static constexpr std::size_t kBacklogMax = 64;
  struct Counters {
    std::uint64_t blocked = 0;  ///< times that it was found full
    std::uint64_t refused = 0;  ///< datagrams lost
  };

  HostSocket(const HostFaults& faults, SeededRandom random);

  /// Whether it has no moods and holds nothing: what it would take leaves at once, and need not be
  /// given to it.
  bool is_ideal() const { return blocked_.is_zero() && refused_.is_zero() && backlog_.empty(); }
  /// How many more datagrams it takes.
  std::size_t room() const { return kBacklogMax - backlog_.size(); }
  /// Takes one, to be polled.
  void push(Datagram&& datagram) { backlog_.push_back(std::move(datagram)); }
  /// The next one that leaves at `now`.
  std::optional<Datagram> poll(TimePoint now);
  /// When it will be tried again; `kNever` if nothing waits.
  TimePoint next_try() const { return backlog_.empty() ? kNever : blocked_until_; }
  /// Works from now on; a blocked one once it is tried again.
  void end_faults() { blocked_ = refused_ = {}; }
  const Counters& counters() const { return counters_; }
  /// Forgets what waits and that it was full, as the socket of a process that dies.
  void clear();

 private:
  Probability blocked_;
  Duration blocked_for_;
  Probability refused_;
  SeededRandom random_;
  Ring<Datagram> backlog_;
  TimePoint blocked_until_{};
  Counters counters_;
};

}  // namespace hawser::netsim
