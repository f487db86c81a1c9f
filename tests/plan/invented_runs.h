#pragma once
/// Runs whose figures a test knows beforehand.

#include <string>

#include "tools/plan/batch.h"

namespace hawser::plan {

/// A plan of two columns with two choices each, and the seeds 1 to 3.
Plan invented_plan();

/// A `MakeRun`: a goodput of ten times the number of words plus the seed; no completion with seed
/// 2. The word "--lossy" breaks the promise with seed 3; "--bad" is refused.
PlannedRun invented_run(const Words& words);

/// The plan after all its runs.
class InventedBatch {
 public:
  InventedBatch();
  const Batch& operator*() const { return batch_; }

 private:
  Batch batch_;
};

}  // namespace hawser::plan
