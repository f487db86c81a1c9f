#include "tools/plan/figures.h"

#include <algorithm>

namespace hawser::plan {
namespace {

// The value below which `quarters` quarters of `sorted` lie.
double quartile(const std::vector<double>& sorted, std::size_t quarters) {
  const std::size_t position = (sorted.size() - 1) * quarters;
  const double low = sorted[position / 4];
  const double high = sorted[(position + 3) / 4];
  return low + (high - low) * static_cast<double>(position % 4) / 4;
}

}  // namespace

bool is_fixed_column(std::string_view name) {
  if (name == "seed" || name == "outcome" || name == "trace_hash") return true;
  return std::ranges::find(kFigures, name, &Figure::key) != kFigures.end();
}

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  return {.count = values.size(),
          .least = values.front(),
          .lower_quartile = quartile(values, 1),
          .median = quartile(values, 2),
          .upper_quartile = quartile(values, 3),
          .greatest = values.back()};
}

}  // namespace hawser::plan
