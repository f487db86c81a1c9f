#include "tests/scenarios/scenario_run.h"

#include "tools/hawser/sim_options.h"

namespace hawser::scenarios {

ScenarioRun::ScenarioRun(const std::string& arguments)
    : trace_(__FILE__, __LINE__, "replay: hawser sim " + arguments),
      report_(cli::simulate(cli::parse_simulation(arguments))) {
  EXPECT_NE(report_.outcome, netsim::RunOutcome::event_storm);
}

void ScenarioRun::expect_nothing_wrong() const {
  for (const cli::FlowReport& flow : report_.flows) {
    EXPECT_EQ(flow.broken_promise().value_or("nothing"), "nothing");
    EXPECT_FALSE(flow.send_error) << flow.send_error.message();
    EXPECT_STREQ(flow.state, "closed");
    EXPECT_EQ(flow.close_reason, CloseReason::none) << to_string(flow.close_reason);
    EXPECT_EQ(flow.receipts.total(), flow.messages_sent);
    EXPECT_TRUE(flow.completion.has_value());
  }
}

void ScenarioRun::expect_all_delivered() const {
  expect_nothing_wrong();
  for (const cli::FlowReport& flow : report_.flows) {
    EXPECT_EQ(flow.deliveries.delivered, flow.messages_sent);
    EXPECT_EQ(flow.receipts.delivered, flow.messages_sent);
  }
}

double share_of_ceiling(const ScenarioRun& run) {
  const Bandwidth ceiling = run.link().stats.payload_ceiling;
  return run.flow().goodput_mbps * 1e6 / static_cast<double>(ceiling.bits_per_second());
}

}  // namespace hawser::scenarios
