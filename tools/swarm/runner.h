#pragma once
/// Runs one scenario in virtual time and holds it to every invariant at every event.

#include <atomic>
#include <cstdint>

#include "tools/swarm/connection_script.h"

namespace hawser::swarm {

/// What one run showed. The same scenario gives the same verdict everywhere.
struct Verdict {
  std::optional<Findings::First> violation;
  std::uint64_t trace_hash = 0;  ///< of all that was offered to the links
  Duration ended_at{0};
  std::uint64_t events = 0;
  std::uint64_t datagrams = 0;  ///< offered to links
  std::uint64_t accepted = 0;   ///< messages
  std::uint64_t delivered = 0;
  bool was_cancelled = false;  ///< then nothing else counts
};

/// Stops at the first violation, or soon after `is_cancelled` is set (it may be nullptr).
Verdict run(const Scenario& scenario, const std::atomic<bool>* is_cancelled = nullptr);

}  // namespace hawser::swarm
