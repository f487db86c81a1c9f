#include "tools/hawser/verdict.h"

#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;

// Half of what was sent arrived before the connection went.
FlowReport ended_by(CloseReason reason) {
  FlowReport flow;
  flow.messages_sent = 10;
  flow.deliveries.delivered = 5;
  flow.receipts.delivered = 5;
  flow.receipts.connection_lost = 5;
  flow.state = "closed";
  flow.handshake = 60ms;
  flow.close_reason = reason;
  return flow;
}

TEST(VerdictTest, AnOrderlyEndIsWell) {
  EXPECT_EQ(judge({ended_by(CloseReason::none)}), ExitCode::ok);
  EXPECT_EQ(judge({}), ExitCode::ok);
}

TEST(VerdictTest, ATimeoutIsToldFromABreak) {
  EXPECT_EQ(judge({ended_by(CloseReason::idle_timeout)}), ExitCode::no_connection);
  EXPECT_EQ(judge({ended_by(CloseReason::protocol_error)}), ExitCode::promise_broken);
  FlowReport never = ended_by(CloseReason::server_full);
  never.handshake.reset();
  EXPECT_EQ(judge({never}), ExitCode::no_connection);
}

TEST(VerdictTest, ATimeoutHidesNoBrokenPromise) {
  FlowReport flow = ended_by(CloseReason::idle_timeout);
  flow.deliveries.duplicates = 1;
  EXPECT_EQ(judge({flow}), ExitCode::promise_broken);
  const FlowReport other = ended_by(CloseReason::idle_timeout);
  EXPECT_EQ(judge({flow, other}), ExitCode::promise_broken);
  EXPECT_EQ(judge({other, flow}), ExitCode::promise_broken);
}

}  // namespace
}  // namespace hawser::cli
