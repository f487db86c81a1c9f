#pragma once
/// All runs of a plan: every cell of its grid with every seed.

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/plan/figures.h"
#include "tools/plan/grid.h"

namespace hawser::plan {

/// How a run ended. What stands later is worse.
enum class Outcome { ok, no_connection, no_figures, promise_broken };
std::string_view to_string(Outcome outcome);

struct RunResult {
  RunFigures figures;
  std::uint64_t trace_hash = 0;
  Outcome outcome = Outcome::ok;
  std::string fault;  ///< one line, if it is not ok
};

/// Runs once, on any thread, beside others; nothing if it was cancelled.
using PlannedRun = std::function<std::optional<RunResult>(std::uint64_t seed,
                                                          const std::atomic<bool>& is_cancelled)>;
/// A run of these words of `hawser sim`. Throws a `std::exception` of one line where they cannot be
/// run.
using MakeRun = std::function<PlannedRun(const Words& words)>;

/// Not thread-safe. Neither copied nor moved: its cells point into its plan.
class Batch {
 public:
  /// Throws a `PlanError` that names the line whose words cannot be run.
  Batch(Plan plan, const MakeRun& make_run);
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  /// Runs all, on `jobs` threads. The results do not depend on how many. `goes_on` is asked ten
  /// times a second, with the number of runs done so far; after a no the rest has no results.
  void run(unsigned jobs, const std::function<bool(std::size_t done)>& goes_on);

  const Plan& plan() const { return plan_; }
  const std::vector<Cell>& cells() const { return cells_; }
  std::size_t run_count() const { return results_.size(); }
  /// Of the cell with that seed, both by their place in the plan; null if it did not run.
  const RunResult* result(std::size_t cell, std::size_t seed) const;

  /// A run that did not end well.
  struct Failure {
    std::size_t cell;
    std::uint64_t seed;
    const RunResult* result;
  };
  /// The worst first, otherwise in the order of the plan.
  std::vector<Failure> failures() const;
  std::size_t finished() const;
  /// Of the cell's runs.
  Spread spread(std::size_t cell, const Figure& figure) const;
  /// Those that some run has.
  std::vector<Figure> figures() const;

 private:
  std::size_t line_at_fault(const Cell& cell, const std::string& complaint,
                            const MakeRun& make_run) const;

  Plan plan_;
  std::vector<Cell> cells_;
  std::vector<PlannedRun> runs_;                   // by cell
  std::vector<std::optional<RunResult>> results_;  // by cell, then by seed
};

}  // namespace hawser::plan
