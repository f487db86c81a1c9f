#pragma once
/// The figures of a run as they stand above the charts of its HTML report.

#include <string>
#include <vector>

#include "tools/hawser/simulation.h"
#include "tools/seeing/html_report.h"

namespace hawser::cli {

/// `command` runs it again.
seeing::ReportText report_text(const SimulationReport& report, std::string command);
/// What is done to the path, for the charts' axes of time.
std::vector<seeing::RunMark> run_marks(const netsim::PathConfig& path);

}  // namespace hawser::cli
