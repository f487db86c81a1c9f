#pragma once
/// Finds the functions of a C++ file and their lengths by matching braces. It reads the code that
/// clang-format leaves behind, not all of C++.

#include <string>
#include <string_view>
#include <vector>

namespace hawser::tidy {

/// From the first word of the signature (or of its template line) to the closing brace. A lambda
/// or a local class counts as part of the function around it.
struct FunctionSpan {
  std::string name;
  int first_line = 0;
  int last_line = 0;

  int lines() const { return last_line - first_line + 1; }
  bool operator==(const FunctionSpan&) const = default;
};

struct FunctionList {
  std::vector<FunctionSpan> functions;
  /// False if the braces do not match, so that nothing here can be trusted.
  bool is_balanced = true;
};

FunctionList find_functions(std::string_view text);

}  // namespace hawser::tidy
