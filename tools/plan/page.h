#pragma once
/// The plan's page as the build put it together from the folder page/.

namespace hawser::plan {

/// HTML with `{{DATA}}` where the batch's JSON belongs.
extern const char kPlanPage[];

}  // namespace hawser::plan
