#pragma once
/// The report's page as the build put it together from the folder page/.

namespace hawser::seeing {

/// HTML with `{{DATA}}` where the run's JSON belongs.
extern const char kPage[];

}  // namespace hawser::seeing
