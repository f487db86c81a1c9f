#pragma once
/// Runs scenarios by the thousand on several threads. What comes out does not depend on how many.

#include <cstdint>
#include <functional>
#include <vector>

#include "tools/swarm/shrinker.h"

namespace hawser::swarm {

struct Campaign {
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 1;  ///< not below the first (asserted)
  Choice choice;                ///< what is taken away from every scenario; its seed counts nothing
  unsigned jobs = 1;
  bool keeps_hashes = false;
};

/// How far it is.
struct CampaignProgress {
  std::uint64_t scenarios = 0;
  std::uint64_t violations = 0;
};

struct CampaignReport {
  std::uint64_t scenarios = 0;  ///< that were run to their end
  std::uint64_t datagrams = 0;
  std::uint64_t messages = 0;  ///< accepted
  std::uint64_t delivered = 0;
  std::vector<std::uint64_t> failing_seeds;  ///< ascending
  std::vector<Shrunk> failures;              ///< of the first `kFailuresShrunk` of these
  std::vector<std::uint64_t> hashes;         ///< by seed, if they are kept
};
inline constexpr std::size_t kFailuresShrunk = 5;

/// Runs the scenarios of all seeds, in order. `goes_on` is asked ten times a second on the calling
/// thread; after a no, what is under way is given up and the report tells of the rest.
CampaignReport run_campaign(const Campaign& campaign,
                            const std::function<bool(const CampaignProgress&)>& goes_on);

/// The seed that the calling thread is running, for whoever must tell of a crash; 0 if none.
std::uint64_t seed_under_way();

}  // namespace hawser::swarm
