#pragma once
/// Times as decimal text that does not depend on how a platform prints doubles.

#include <string>

#include "hawser/time.h"

namespace hawser::seeing {

/// Milliseconds, exact to the nanosecond, without needless zeros: "12.000345". Not negative.
std::string exact_ms(Duration duration);

}  // namespace hawser::seeing
