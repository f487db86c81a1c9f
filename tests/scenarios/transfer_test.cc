// Messages between two hosts, seen from the applications at both ends.

#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"
#include "tests/scenarios/two_hosts.h"

namespace hawser::scenarios {
namespace {

using std::chrono::milliseconds;

TEST_F(TwoHosts, TheServerHearsOfTheConnectionBeforeItsFirstMessage) {
  set_up(clean_path(milliseconds(60)), {});
  start_connecting();
  send(client_, 200);  // waits for the handshake and leaves with its last datagram
  bool is_known_first = false;
  server_.on_message = [&] { is_known_first = server_.is_connected; };
  run_until_idle();
  ASSERT_EQ(server_.deliveries.size(), 1U);
  EXPECT_TRUE(is_known_first);
}

TEST_F(TwoHosts, AGracefulCloseDeliversWhatIsQueued) {
  set_up(clean_path(milliseconds(60)), {});
  connect();
  for (int i = 0; i < 50; ++i) send(client_, 10000);
  close(client_);
  run_until_idle();
  expect_all_in_order(server_, 50);
  EXPECT_EQ(client_.receipts.size(), 50U);
  EXPECT_EQ(client_.close_reason, CloseReason::none);
  EXPECT_EQ(server_.close_reason, CloseReason::none);
}

TEST(PingPongScenario, EachAnswerBringsTheNextQuestion) {
  for (const char* sizes : {"size=0,reply_size=0", "size=1,reply_size=100000", "size=64"}) {
    const ScenarioRun run("--rtt 10ms --flow mode=pingpong,count=50,channel=unordered," +
                          std::string(sizes));
    run.expect_all_delivered();
    ASSERT_TRUE(run.flow().round_trip.has_value());
    EXPECT_EQ(run.flow().round_trip->count(), 50U);
    EXPECT_GE(run.flow().round_trip->min(), milliseconds(10));
  }
}

TEST(SharedConnectionScenario, FlowsOfOneNameShareOneHandshake) {
  const ScenarioRun run(
      "--rtt 20ms --rate 50mbit --flow mode=bulk,bytes=1MiB,connection=a "
      "--flow mode=messages,count=50,connection=a,channel=unordered,from=server "
      "--flow mode=messages,count=50,connection=a,start=100ms");
  run.expect_all_delivered();
  EXPECT_EQ(run.report().links.size(), 2U);
}

TEST(ReaderStopScenario, WhatArrivedMeanwhileIsReadAfterwards) {
  const ScenarioRun run("--rtt 20ms --flow mode=messages,count=50,reader_stop=200ms-2s");
  run.expect_all_delivered();
  EXPECT_GE(run.flow().latency.max(), milliseconds(1500));
}

}  // namespace
}  // namespace hawser::scenarios
