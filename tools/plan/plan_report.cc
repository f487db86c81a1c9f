#include "tools/plan/plan_report.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hawser::plan {

using Json = nlohmann::ordered_json;

namespace {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string field = "\"";
  for (const char c : text) {
    if (c == '"') field.push_back('"');
    field.push_back(c);
  }
  return field + '"';
}

Json to_json(const Spread& spread) {
  return {{"n", spread.count},       {"min", spread.least},         {"q1", spread.lower_quartile},
          {"median", spread.median}, {"q3", spread.upper_quartile}, {"max", spread.greatest}};
}

Json choices_json(const Plan& plan, const Cell& cell) {
  Json json = Json::object();
  for (std::size_t i = 0; i < plan.columns.size(); ++i)
    json[plan.columns[i].name] = cell.choices[i]->label;
  return json;
}

std::string to_text(const Spread& spread) {
  if (spread.count == 0) return "-";
  if (spread.count == 1) return fmt::format("{:.4g}", spread.median);
  return fmt::format("{:.4g} [{:.4g} {:.4g}]", spread.median, spread.lower_quartile,
                     spread.upper_quartile);
}

// How many columns UTF-8 takes on a terminal, wide characters apart.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

using Rows = std::vector<std::vector<std::string>>;

// The first `left` columns stand to the left, the others to the right.
std::string aligned(const Rows& rows, std::size_t left) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - width_of(row[i]), ' ');
      line += (i == 0 ? "" : "  ") + (i < left ? row[i] + space : space + row[i]);
    }
    text += line + "\n";
  }
  return text;
}

}  // namespace

std::string to_csv(const Batch& batch) {
  const Plan& plan = batch.plan();
  std::string csv;
  for (const Column& column : plan.columns) csv += csv_field(column.name) + ",";
  csv += "seed,outcome,trace_hash";
  for (const Figure& figure : kFigures) csv += fmt::format(",{}", figure.key);
  csv += "\n";
  for (std::size_t cell = 0; cell < batch.cells().size(); ++cell) {
    for (std::size_t seed = 0; seed < plan.seeds.size(); ++seed) {
      const RunResult* run = batch.result(cell, seed);
      if (run == nullptr) continue;
      for (const Choice* choice : batch.cells()[cell].choices)
        csv += csv_field(choice->label) + ",";
      csv +=
          fmt::format("{},{},{:016x}", plan.seeds[seed], to_string(run->outcome), run->trace_hash);
      for (const Figure& figure : kFigures) {
        const auto& value = run->figures.*figure.value;
        csv += value ? fmt::format(",{}", *value) : ",";
      }
      csv += "\n";
    }
  }
  return csv;
}

Json to_json(const Batch& batch) {
  const Plan& plan = batch.plan();
  const std::vector<Batch::Failure> failures = batch.failures();
  Json json = {{"plan", plan.name},         {"seeds", plan.seeds.size()},
               {"runs", batch.run_count()}, {"finished", batch.finished()},
               {"failed", failures.size()}, {"cells", Json::array()},
               {"failures", Json::array()}};
  for (std::size_t i = 0; i < batch.cells().size(); ++i) {
    const Cell& cell = batch.cells()[i];
    Json entry = {{"choices", choices_json(plan, cell)},
                  {"command", cell.command(plan, plan.seeds.front())},
                  {"figures", Json::object()}};
    for (const Figure& figure : kFigures)
      entry["figures"][std::string(figure.key)] = to_json(batch.spread(i, figure));
    json["cells"].push_back(std::move(entry));
  }
  for (const Batch::Failure& failure : failures) {
    if (json["failures"].size() == kFailuresTold) break;
    const Cell& cell = batch.cells()[failure.cell];
    json["failures"].push_back({{"choices", choices_json(plan, cell)},
                                {"seed", failure.seed},
                                {"outcome", to_string(failure.result->outcome)},
                                {"fault", failure.result->fault},
                                {"command", cell.command(plan, failure.seed)}});
  }
  return json;
}

std::string to_text(const Batch& batch) {
  const Plan& plan = batch.plan();
  const std::vector<Figure> figures = batch.figures();
  Rows rows(1);
  for (const Column& column : plan.columns) rows[0].push_back(column.name);
  for (const Figure& figure : figures) {
    rows[0].push_back(
        fmt::format("{}{}{}", figure.title, figure.unit.empty() ? "" : ", ", figure.unit));
  }
  for (std::size_t i = 0; i < batch.cells().size(); ++i) {
    std::vector<std::string> row;
    for (const Choice* choice : batch.cells()[i].choices) row.push_back(choice->label);
    for (const Figure& figure : figures) row.push_back(to_text(batch.spread(i, figure)));
    rows.push_back(std::move(row));
  }
  return aligned(rows, plan.columns.size());
}

}  // namespace hawser::plan
