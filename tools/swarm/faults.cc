#include "tools/swarm/faults.h"

#include <vector>

#include "tools/swarm/fault_draws.h"

namespace hawser::swarm {

std::span<const FaultClass> fault_classes() {
  static const std::vector<FaultClass> all = [] {
    std::vector<FaultClass> joined;
    for (const auto faults : {path_faults(), queue_faults(), host_faults()}) {
      joined.insert(joined.end(), faults.begin(), faults.end());
    }
    return joined;
  }();
  return all;
}

}  // namespace hawser::swarm
