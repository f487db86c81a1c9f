#pragma once
/// The rules that CONTRIBUTING.md promises, each a pure function of the source tree.

#include <string_view>

#include "tests/tidy/source_tree.h"

namespace hawser::tidy {

// Includes (include_rules.cc).

/// include <- {arq, congestion} <- transport/{wire, connection, endpoint} <- transport/{uv, c_api}
/// <- {tools, tests, bench}; every arrow that is not in the table there is a finding.
Findings check_layers(const SourceTree& tree);
/// Public headers include hawser/ and the standard library, nothing else.
Findings check_public_includes(const SourceTree& tree);
/// <uv.h> and the operating system's headers only at the rim and in what drives it.
Findings check_system_includes(const SourceTree& tree);

// What the core must not do (core_rules.cc).

/// No clock, randomness, libm, exception, thread or stream in the core and, as far as it concerns
/// sameness of the bytes, the simulator.
Findings check_core(const SourceTree& tree);

// Sizes (budget_rules.cc).

/// Lines per file.
Findings check_file_sizes(const SourceTree& tree);
/// Lines per function.
Findings check_function_sizes(const SourceTree& tree);
/// Columns per line of code.
Findings check_columns(const SourceTree& tree);

// The tree itself (tree_rules.cc).

/// Every .cc is listed in its CMakeLists.txt and every .h is included by some file.
Findings check_dead_files(const SourceTree& tree);
/// The top level is fixed.
Findings check_top_level(const SourceTree& tree);
/// Every folder with code says what it is for.
Findings check_readmes(const SourceTree& tree);
/// No marks of unfinished work, and no tests switched off.
Findings check_marks(const SourceTree& tree);

}  // namespace hawser::tidy
