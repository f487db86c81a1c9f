#include "tools/plan/batch.h"

#include <algorithm>
#include <exception>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "tools/hawser/workers.h"

namespace hawser::plan {
namespace {

// Why these words cannot be run; nothing if they can.
std::optional<std::string> complaint_about(const Words& words, const MakeRun& make_run) {
  try {
    make_run(words);
  } catch (const std::exception& error) {
    return error.what();
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "ok";
    case Outcome::no_connection:
      return "no_connection";
    case Outcome::no_figures:
      return "no_figures";
    case Outcome::promise_broken:
      return "promise_broken";
  }
  return "";
}

Batch::Batch(Plan plan, const MakeRun& make_run) : plan_(std::move(plan)), cells_(cells_of(plan_)) {
  for (const Cell& cell : cells_) {
    try {
      runs_.push_back(make_run(cell.words(plan_)));
    } catch (const std::exception& error) {
      throw PlanError(plan_.file, line_at_fault(cell, error.what(), make_run),
                      fmt::format("{} ({})", error.what(), cell.title(plan_)));
    }
  }
  results_.resize(cells_.size() * plan_.seeds.size());
}

// The first part of the cell that is refused alone for the same reason; else its last one, since
// only together are they wrong.
std::size_t Batch::line_at_fault(const Cell& cell, const std::string& complaint,
                                 const MakeRun& make_run) const {
  if (complaint_about(plan_.common.words, make_run) == complaint) return plan_.common.line;
  for (const Choice* choice : cell.choices) {
    if (complaint_about(choice->words, make_run) == complaint) return choice->line;
  }
  return cell.choices.back()->line;
}

void Batch::run(unsigned jobs, const std::function<bool(std::size_t done)>& goes_on) {
  const auto piece = [this](std::size_t number, const std::atomic<bool>& is_cancelled) {
    const std::size_t seeds = plan_.seeds.size();
    results_[number] = runs_[number / seeds](plan_.seeds[number % seeds], is_cancelled);
  };
  cli::do_pieces(results_.size(), jobs, piece, goes_on);
}

const RunResult* Batch::result(std::size_t cell, std::size_t seed) const {
  const auto& result = results_[cell * plan_.seeds.size() + seed];
  return result ? &*result : nullptr;
}

std::vector<Batch::Failure> Batch::failures() const {
  std::vector<Failure> failures;
  const std::size_t seeds = plan_.seeds.size();
  for (std::size_t i = 0; i < results_.size(); ++i) {
    if (results_[i] && results_[i]->outcome != Outcome::ok)
      failures.push_back({i / seeds, plan_.seeds[i % seeds], &*results_[i]});
  }
  std::ranges::stable_sort(failures, std::greater(),
                           [](const Failure& failure) { return failure.result->outcome; });
  return failures;
}

std::size_t Batch::finished() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(results_, [](const auto& result) { return result.has_value(); }));
}

Spread Batch::spread(std::size_t cell, const Figure& figure) const {
  std::vector<double> values;
  for (std::size_t seed = 0; seed < plan_.seeds.size(); ++seed) {
    const RunResult* run = result(cell, seed);
    if (run == nullptr) continue;
    if (const auto& value = run->figures.*figure.value) values.push_back(*value);
  }
  return spread_of(std::move(values));
}

std::vector<Figure> Batch::figures() const {
  std::vector<Figure> figures;
  for (const Figure& figure : kFigures) {
    const auto has_it = [&figure](const auto& result) {
      return result && (result->figures.*figure.value).has_value();
    };
    if (std::ranges::any_of(results_, has_it)) figures.push_back(figure);
  }
  return figures;
}

}  // namespace hawser::plan
