#pragma once
/// The figures of a run as they stand above the charts of its HTML report.

#include <string>

#include "tools/hawser/simulation.h"
#include "tools/seeing/html_report.h"

namespace hawser::cli {

/// `command` runs it again.
seeing::ReportText report_text(const SimulationReport& report, std::string command);

}  // namespace hawser::cli
