#pragma once
/// Figures of simulated hosts: which of the faults asked for really befell them.

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "hawser/netsim/endpoint_host.h"

namespace hawser::cli {

struct HostReport {
  std::string name;
  netsim::HostStats stats;
};

nlohmann::ordered_json to_json(const HostReport& host);
/// One line, with its newline.
std::string to_text(const HostReport& host);

}  // namespace hawser::cli
