#include "tools/plan/plan_page.h"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/plan/page.h"
#include "tools/plan/plan_report.h"
#include "tools/seeing/page_data.h"

namespace hawser::plan {
namespace {

using Json = nlohmann::ordered_json;

// Five digits are more than a chart shows.
Json rounded(double value) { return Json::parse(fmt::format("{:.5g}", value)); }

// The least, the quartiles and the greatest, then the runs one by one.
Json chart(const Batch& batch, std::size_t cell, const Figure& figure) {
  const Spread spread = batch.spread(cell, figure);
  if (spread.count == 0) return nullptr;
  Json json = Json::array();
  for (const double value : {spread.least, spread.lower_quartile, spread.median,
                             spread.upper_quartile, spread.greatest}) {
    json.push_back(rounded(value));
  }
  if (batch.run_count() > kDotsMax || spread.count == 1) return json;
  for (std::size_t seed = 0; seed < batch.plan().seeds.size(); ++seed) {
    const RunResult* run = batch.result(cell, seed);
    if (run == nullptr) continue;
    if (const auto& value = run->figures.*figure.value) json.push_back(rounded(*value));
  }
  return json;
}

}  // namespace

std::string plan_page(const Batch& batch, const std::string& command) {
  const Plan& plan = batch.plan();
  const std::vector<Figure> figures = batch.figures();
  const std::vector<Batch::Failure> failures = batch.failures();
  Json json = {{"name", plan.name},
               {"command", command},
               {"common", join_quoted(plan.common.words)},
               {"seeds", plan.seeds.size()},
               {"first_seed", plan.seeds.front()},
               {"runs", batch.run_count()},
               {"finished", batch.finished()},
               {"failed", failures.size()},
               {"columns", Json::array()},
               {"figures", Json::array()},
               {"cells", Json::array()},
               {"failures", Json::array()}};
  for (const Column& column : plan.columns) json["columns"].push_back(column.name);
  for (const Figure& figure : figures)
    json["figures"].push_back({{"title", figure.title}, {"unit", figure.unit}});
  for (std::size_t i = 0; i < batch.cells().size(); ++i) {
    const Cell& cell = batch.cells()[i];
    Words own;
    Json entry = {
        {"labels", Json::array()}, {"words", ""}, {"failed", 0}, {"charts", Json::array()}};
    for (const Choice* choice : cell.choices) {
      entry["labels"].push_back(choice->label);
      own.insert(own.end(), choice->words.begin(), choice->words.end());
    }
    entry["words"] = join_quoted(own);
    for (const Figure& figure : figures) entry["charts"].push_back(chart(batch, i, figure));
    json["cells"].push_back(std::move(entry));
  }
  for (const Batch::Failure& failure : failures) {
    Json& count = json["cells"][failure.cell]["failed"];
    count = count.get<std::size_t>() + 1;
  }
  for (const Batch::Failure& failure : failures) {
    if (json["failures"].size() == kFailuresTold) break;
    json["failures"].push_back(
        {{"cell", failure.cell}, {"seed", failure.seed}, {"fault", failure.result->fault}});
  }
  return seeing::page_with_data(kPlanPage, seeing::embedded_json(json));
}

}  // namespace hawser::plan
