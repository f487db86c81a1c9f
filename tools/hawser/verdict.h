#pragma once
/// What the flows' fates mean for the exit code.

#include <optional>
#include <string>
#include <vector>

#include "tools/hawser/command.h"
#include "tools/hawser/flow_report.h"

namespace hawser::cli {

struct Finding {
  ExitCode code;
  std::string line;  ///< "flow 2: ..."
};

/// What is wrong with the flows, the first of the worst; nothing if all is well.
std::optional<Finding> worst_finding(const std::vector<FlowReport>& flows);

/// Each complaint is a line on standard error; the worst of them is the code.
ExitCode judge(const std::vector<FlowReport>& flows);

}  // namespace hawser::cli
