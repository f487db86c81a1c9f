#include "tools/hawser/trace_command.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/hawser/flow_report.h"
#include "tools/hawser/trace_file.h"

namespace hawser::cli {

void TraceCommand::declare(CLI::App& app) {
  app.add_option("file", file_, "one delivery opportunity of 1504 bytes per line, in milliseconds")
      ->type_name("FILE")
      ->required();
  app.add_flag("--json", is_json_, "one JSON object on standard output and nothing else");
  app.footer(
      "\nExample: the figures of a trace, and a transfer over it\n"
      "  hawser trace lte.down\n"
      "  hawser sim --rtt 40ms --down-trace lte.down --flow bytes=10MB,from=server\n"
      "Whether all of it can be used: a window that is always full, over one period of the trace\n"
      "  hawser sim --rtt 10ms --up-trace lte.up --idle-timeout 0 --duration 120s --flow \\\n"
      "    mode=bulk,cc=fixed,window=20000,receive_window=400MB\n");
}

ExitCode TraceCommand::run() {
  std::string problem;
  const auto trace = read_trace(file_, problem);
  if (!trace) throw CLI::ValidationError("file", problem);
  const std::size_t opportunities = trace->times().size();
  const double duration_s = to_ms(trace->period()) / 1e3;
  const double mean_mbps = static_cast<double>(trace->mean_rate().bits_per_second()) / 1e6;
  const double longest_gap_ms = to_ms(trace->longest_gap());
  if (is_json_) {
    const nlohmann::ordered_json figures{{"opportunities", opportunities},
                                         {"duration_s", duration_s},
                                         {"mean_mbps", mean_mbps},
                                         {"longest_gap_ms", longest_gap_ms}};
    fmt::print("{}\n", figures.dump());
    return ExitCode::ok;
  }
  fmt::print("{} opportunities of {} bytes in {} s: {:.3f} Mbit/s, longest gap {} ms\n",
             opportunities, netsim::RateTrace::kOpportunity.value(), duration_s, mean_mbps,
             longest_gap_ms);
  return ExitCode::ok;
}

}  // namespace hawser::cli
