#pragma once
/// A plan: many runs of `hawser sim`, described by a TOML file. README.md shows one.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tools/plan/words.h"

namespace hawser::plan {

/// Words of `hawser sim`, and where they stand in the file.
struct Choice {
  std::string label;  ///< what tables call it
  Words words;
  std::size_t line = 0;  ///< from 1
};

/// A key of the grid: what is varied, in the order of the file.
struct Column {
  std::string name;
  std::size_t line = 0;
  std::vector<Choice> choices;  ///< at least one; their labels differ
};

struct Plan {
  std::string file;  ///< as it was named
  std::string name;  ///< by default the file's, without folder and ending
  Choice common;     ///< of all runs
  std::vector<std::uint64_t> seeds{1};
  std::optional<unsigned> jobs;  ///< absent: as many as there are processors
  std::vector<Column> columns;   ///< at least one
};

inline constexpr std::size_t kPlanSizeMax = std::size_t{1} << 20;  ///< bytes of a file
inline constexpr std::size_t kCellsMax = 1'000;                    ///< of the grid
inline constexpr std::size_t kRunsMax = 100'000;                   ///< cells times seeds

/// What is wrong with a plan, as one line: "FILE:LINE: ...", or "FILE: ..." where no line is at
/// fault.
class PlanError : public std::runtime_error {
 public:
  PlanError(const std::string& file, std::size_t line, const std::string& what);
};

/// The plan in `text`; `file` names it in errors. Whether its words are any that `hawser sim` knows
/// is not asked. Throws a `PlanError`.
Plan parse_plan(const std::string& text, const std::string& file);
/// The plan in a file. Throws a `PlanError`.
Plan read_plan(const std::string& file);

}  // namespace hawser::plan
