#pragma once
/// The runs of a plan, on the simulator.

#include "tools/hawser/simulation.h"
#include "tools/plan/batch.h"

namespace hawser::cli {

/// A `plan::MakeRun`. Throws a `CLI::ParseError` of one line where the words cannot be run.
plan::PlannedRun make_plan_run(const plan::Words& words);

/// What a plan asks of a run.
plan::RunFigures figures_of(const SimulationReport& report);

}  // namespace hawser::cli
