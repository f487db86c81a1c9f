#pragma once
/// The cells of a plan's grid: one choice of each column, in all combinations.

#include <string>
#include <vector>

#include "tools/plan/plan.h"

namespace hawser::plan {

/// Points into its plan, which must outlive it.
struct Cell {
  std::vector<const Choice*> choices;  ///< one of each column

  /// "loss=1%, cc=cubic"
  std::string title(const Plan& plan) const;
  /// What stands behind `hawser sim`, but for the seed.
  Words words(const Plan& plan) const;
  /// The command that runs the cell with that seed, for a shell.
  std::string command(const Plan& plan, std::uint64_t seed) const;
};

/// In the order of the file: the last column changes first.
std::vector<Cell> cells_of(const Plan& plan);

}  // namespace hawser::plan
