#pragma once
/// Figures of simulated links, as JSON and as text. The JSON keys are a contract with scripts.

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "hawser/netsim/link.h"

namespace hawser::cli {

struct LinkReport {
  std::string name;
  netsim::LinkStats stats;
};

nlohmann::ordered_json to_json(const LinkReport& link);
/// One line, with its newline.
std::string to_text(const LinkReport& link);

}  // namespace hawser::cli
