#include "tools/hawser/verdict.h"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace hawser::cli {

namespace {

// What is wrong with a flow, the worst of it: what it delivered comes before how it ended.
std::optional<Finding> find_fault(const FlowReport& flow) {
  if (const auto broken = flow.broken_promise()) return Finding{ExitCode::promise_broken, *broken};
  if (flow.timed_out()) {
    return Finding{ExitCode::no_connection,
                   fmt::format("the connection timed out ({})", to_string(flow.close_reason))};
  }
  if (flow.broke_off()) {
    const bool was_connected = flow.handshake.has_value();
    return Finding{was_connected ? ExitCode::promise_broken : ExitCode::no_connection,
                   fmt::format("the connection {} ({})",
                               was_connected ? "broke off" : "did not come about", flow.ending())};
  }
  if (flow.send_error) {
    return Finding{ExitCode::promise_broken, "send: " + flow.send_error.message()};
  }
  return std::nullopt;
}

// Of all flows.
std::vector<Finding> find_faults(const std::vector<FlowReport>& flows) {
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < flows.size(); ++i) {
    if (auto fault = find_fault(flows[i]))
      findings.push_back({fault->code, fmt::format("flow {}: {}", i + 1, fault->line)});
  }
  return findings;
}

const Finding* worst_of(const std::vector<Finding>& findings) {
  const auto broken = std::ranges::find(findings, ExitCode::promise_broken, &Finding::code);
  if (broken != findings.end()) return &*broken;
  return findings.empty() ? nullptr : &findings.front();
}

}  // namespace

std::optional<Finding> worst_finding(const std::vector<FlowReport>& flows) {
  const std::vector<Finding> findings = find_faults(flows);
  const Finding* worst = worst_of(findings);
  return worst != nullptr ? std::optional(*worst) : std::nullopt;
}

ExitCode judge(const std::vector<FlowReport>& flows) {
  const std::vector<Finding> findings = find_faults(flows);
  for (const Finding& finding : findings) fmt::print(stderr, "hawser: {}\n", finding.line);
  const Finding* worst = worst_of(findings);
  return worst != nullptr ? worst->code : ExitCode::ok;
}

}  // namespace hawser::cli
