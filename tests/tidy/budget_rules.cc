#include "tests/tidy/function_finder.h"
#include "tests/tidy/rules.h"

namespace hawser::tidy {

namespace {

constexpr int kFunctionLines = 70;
constexpr int kColumns = 100;

int file_budget(const SourceFile& file) {
  if (file.path == "transport/connection/connection.cc") return 600;
  if (is_below(file.path, "include")) return 250;
  return file.is_test() ? 1000 : 800;
}

/// Columns as a reader counts them: UTF-8 continuation bytes take none.
int columns_of(std::string_view line) {
  int columns = 0;
  for (const char c : line) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++columns;
  }
  return columns;
}

bool has_column_limit(const SourceFile& file) {
  return file.is_cpp() || file.path.ends_with("CMakeLists.txt") || file.path.ends_with(".cmake");
}

}  // namespace

Findings check_file_sizes(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree.files) {
    if (!file.is_cpp()) continue;
    const auto lines = static_cast<int>(lines_of(file.text).size());
    const int budget = file_budget(file);
    if (lines <= budget) continue;
    findings.push_back({file.path, 0,
                        std::to_string(lines) + " lines; the budget is " + std::to_string(budget) +
                            ". A new concern is a new file"});
  }
  return findings;
}

Findings check_function_sizes(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree.files) {
    if (!file.is_cpp()) continue;
    const FunctionList list = find_functions(file.text);
    if (!list.is_balanced) {
      findings.push_back(
          {file.path, 0, "braces do not match, so its functions cannot be measured"});
    }
    for (const FunctionSpan& function : list.functions) {
      if (function.lines() <= kFunctionLines) continue;
      findings.push_back({file.path, function.first_line,
                          function.name + " has " + std::to_string(function.lines()) +
                              " lines; the budget is " + std::to_string(kFunctionLines)});
    }
  }
  return findings;
}

Findings check_columns(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree.files) {
    if (!has_column_limit(file)) continue;
    int number = 0;
    for (const std::string_view line : lines_of(file.text)) {
      ++number;
      const int columns = columns_of(line);
      if (columns <= kColumns) continue;
      findings.push_back(
          {file.path, number,
           std::to_string(columns) + " columns; the limit is " + std::to_string(kColumns)});
    }
  }
  return findings;
}

}  // namespace hawser::tidy
