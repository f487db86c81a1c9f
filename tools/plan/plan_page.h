#pragma once
/// What a batch found as one HTML file that needs nothing else: a row for each cell, a small chart
/// for each figure.

#include <string>

#include "tools/plan/batch.h"

namespace hawser::plan {

/// Up to so many runs each is a dot of its own; beyond them the page holds quartiles alone.
inline constexpr std::size_t kDotsMax = 4'000;

/// `command` makes the page again.
std::string plan_page(const Batch& batch, const std::string& command);

}  // namespace hawser::plan
