#pragma once
/// What the flows' fates mean for the exit code.

#include <vector>

#include "tools/hawser/command.h"
#include "tools/hawser/flow_report.h"

namespace hawser::cli {

/// Each complaint is a line on standard error; the worst of them is the code.
ExitCode judge(const std::vector<FlowReport>& flows);

}  // namespace hawser::cli
