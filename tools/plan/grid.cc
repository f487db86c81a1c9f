#include "tools/plan/grid.h"

#include <utility>

#include <fmt/format.h>

namespace hawser::plan {

std::string Cell::title(const Plan& plan) const {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    text += fmt::format("{}{}={}", i == 0 ? "" : ", ", plan.columns[i].name, choices[i]->label);
  }
  return text;
}

Words Cell::words(const Plan& plan) const {
  Words words = plan.common.words;
  for (const Choice* choice : choices)
    words.insert(words.end(), choice->words.begin(), choice->words.end());
  return words;
}

std::string Cell::command(const Plan& plan, std::uint64_t seed) const {
  return fmt::format("hawser sim {} --seed {}", join_quoted(words(plan)), seed);
}

std::vector<Cell> cells_of(const Plan& plan) {
  std::vector<Cell> cells(1);
  for (const Column& column : plan.columns) {
    std::vector<Cell> longer;
    for (const Cell& cell : cells) {
      for (const Choice& choice : column.choices) {
        longer.push_back(cell);
        longer.back().choices.push_back(&choice);
      }
    }
    cells = std::move(longer);
  }
  return cells;
}

}  // namespace hawser::plan
