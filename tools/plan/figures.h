#pragma once
/// What a plan asks of each run, and how the figures of several runs are summed up.

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace hawser::plan {

/// Absent is what a run has no figure for: messages that never came have no latency, a bulk flow
/// without an end no completion, a link without a rate no utilisation.
struct RunFigures {
  std::optional<double> goodput_mbps;         ///< of all flows together
  std::optional<double> completion_s;         ///< of the last flow, if all completed
  std::optional<double> latency_p50_ms;       ///< of the flow where it is greatest, as the next two
  std::optional<double> latency_p99_ms;       //
  std::optional<double> latency_p999_ms;      //
  std::optional<double> lost_percent;         ///< packets declared lost, of those sent
  std::optional<double> jain;                 ///< if there are several flows
  std::optional<double> utilisation_percent;  ///< of the busiest link
  std::optional<double> queue_mean_ms;        ///< of the link where it is greatest
};

struct Figure {
  std::string_view key;  ///< in CSV and JSON; a contract with scripts
  std::string_view title;
  std::string_view unit;
  std::optional<double> RunFigures::*value;
};

inline constexpr std::array<Figure, 9> kFigures{{
    {"goodput_mbps", "goodput", "Mbit/s", &RunFigures::goodput_mbps},
    {"completion_s", "completion", "s", &RunFigures::completion_s},
    {"latency_p50_ms", "latency p50", "ms", &RunFigures::latency_p50_ms},
    {"latency_p99_ms", "latency p99", "ms", &RunFigures::latency_p99_ms},
    {"latency_p999_ms", "latency p99.9", "ms", &RunFigures::latency_p999_ms},
    {"lost_percent", "lost", "%", &RunFigures::lost_percent},
    {"jain", "Jain\u2019s index", "", &RunFigures::jain},
    {"utilisation_percent", "used", "%", &RunFigures::utilisation_percent},
    {"queue_mean_ms", "queue mean", "ms", &RunFigures::queue_mean_ms},
}};

/// Whether every table has a column of that name, so that the grid cannot.
bool is_fixed_column(std::string_view name);

/// How one figure of several runs is spread. Quartiles lie between neighbours by linear
/// interpolation (Hyndman and Fan's definition 7).
struct Spread {
  std::size_t count = 0;  ///< of runs that have the figure; the rest is 0 without any
  double least = 0;
  double lower_quartile = 0;
  double median = 0;
  double upper_quartile = 0;
  double greatest = 0;
};
Spread spread_of(std::vector<double> values);

}  // namespace hawser::plan
