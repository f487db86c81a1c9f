#pragma once
/// Figures that are kept in files beside the tests, so that whatever changes them is seen in
/// review.

#include <string>
#include <vector>

namespace hawser::golden {

/// Expects that `lines` are what `file` (under tests/golden) holds; a failure shows what differs.
/// With HAWSER_REWRITE_GOLDEN set in the environment it writes them there instead; `command` is
/// what does so for this file.
void compare_with_golden(const std::string& file, const std::vector<std::string>& lines,
                         const std::string& command);

}  // namespace hawser::golden
