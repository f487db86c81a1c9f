#include "tools/hawser/verdict.h"

#include <optional>
#include <string>

#include <fmt/format.h>

namespace hawser::cli {

namespace {

struct Finding {
  ExitCode code;
  std::string line;
};

// What is wrong with a flow, the worst of it: what it delivered comes before how it ended.
std::optional<Finding> find_fault(const FlowReport& flow) {
  if (const auto broken = flow.broken_promise()) return Finding{ExitCode::promise_broken, *broken};
  if (flow.timed_out()) {
    return Finding{ExitCode::no_connection,
                   fmt::format("the connection timed out ({})", to_string(flow.close_reason))};
  }
  if (flow.broke_off()) {
    const bool was_connected = flow.handshake.has_value();
    return Finding{
        was_connected ? ExitCode::promise_broken : ExitCode::no_connection,
        fmt::format("the connection {} ({})", was_connected ? "broke off" : "did not come about",
                    to_string(flow.close_reason))};
  }
  if (flow.send_error) {
    return Finding{ExitCode::promise_broken, "send: " + flow.send_error.message()};
  }
  return std::nullopt;
}

}  // namespace

ExitCode judge(const std::vector<FlowReport>& flows) {
  ExitCode worst = ExitCode::ok;
  for (std::size_t i = 0; i < flows.size(); ++i) {
    const auto fault = find_fault(flows[i]);
    if (!fault) continue;
    fmt::print(stderr, "hawser: flow {}: {}\n", i + 1, fault->line);
    if (worst != ExitCode::promise_broken) worst = fault->code;
  }
  return worst;
}

}  // namespace hawser::cli
