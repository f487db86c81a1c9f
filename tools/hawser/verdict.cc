#include "tools/hawser/verdict.h"

#include <fmt/format.h>

namespace hawser::cli {

ExitCode judge(const std::vector<FlowReport>& flows) {
  ExitCode worst = ExitCode::ok;
  for (std::size_t i = 0; i < flows.size(); ++i) {
    const FlowReport& flow = flows[i];
    if (flow.timed_out()) {
      fmt::print(stderr, "hawser: flow {}: the connection timed out ({})\n", i + 1,
                 to_string(flow.close_reason));
      if (worst == ExitCode::ok) worst = ExitCode::no_connection;
    } else if (const auto broken = flow.broken_promise()) {
      fmt::print(stderr, "hawser: flow {}: {}\n", i + 1, *broken);
      worst = ExitCode::promise_broken;
    } else if (flow.send_error) {
      fmt::print(stderr, "hawser: flow {}: send: {}\n", i + 1, flow.send_error.message());
      worst = ExitCode::promise_broken;
    }
  }
  return worst;
}

}  // namespace hawser::cli
