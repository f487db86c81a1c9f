#include "hawser/netsim/endpoint_host.h"

#include <gtest/gtest.h>

#include "hawser/netsim/message_bytes.h"
#include "tests/scenarios/scenario_run.h"
#include "tests/scenarios/two_hosts.h"

namespace hawser::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(EndpointHostTest, JoinedReadsAreAcknowledgedTogether) {
  const std::string flow = "--rtt 20ms --flow mode=messages,size=1000,count=64,burst=64 ";
  const ScenarioRun alone(flow);
  const ScenarioRun joined(flow + "--receive-batch 64");
  alone.expect_all_delivered();
  joined.expect_all_delivered();
  EXPECT_LT(joined.link(1).stats.packets, alone.link(1).stats.packets);
}

TEST_F(TwoHosts, AHostThatDoesNotReadTakesNoEvents) {
  set_up(clean_path(milliseconds(20)), {});
  connect();
  server_.host->set_reading(false);
  send(client_, 200);
  run_until(seconds(1));
  EXPECT_TRUE(server_.deliveries.empty());
  server_.host->set_reading(true);
  EXPECT_EQ(server_.deliveries.size(), 1U);
}

TEST_F(TwoHosts, ADatagramAboveTheLimitDoesNotLeave) {
  set_up(clean_path(milliseconds(20)), {});
  connect();
  client_.datagram_sizes.clear();
  client_.host->set_datagram_limit(ByteCount(100));
  send(client_, 1000);
  EXPECT_EQ(client_.host->stats().too_large_refused, 1U);
  EXPECT_TRUE(client_.datagram_sizes.empty());
}

TEST_F(TwoHosts, AConnectionThatEndsAsItWritesIsToldAtOnce) {
  set_up(clean_path(milliseconds(20)), {});
  Endpoint& endpoint = client_.host->endpoint();
  ASSERT_TRUE(endpoint.connect({.remote = server_.host->address(), .config = {}, .token = {}}));
  endpoint.pool().refuse_nth(1);
  client_.host->pump();
  EXPECT_EQ(client_.close_reason, CloseReason::out_of_memory);
}

TEST_F(TwoHosts, MessageBytesAreSeenInDatagramsThatCarryThem) {
  set_up(clean_path(milliseconds(20)), {});
  std::vector<std::optional<ByteCount>> seen;
  client_.host->set_transmit_observer([&seen](TimePoint, const netsim::Datagram& datagram) {
    seen.push_back(netsim::message_bytes_of(datagram.bytes.bytes()));
  });
  connect();
  for (const auto& bytes : seen) EXPECT_FALSE(bytes.has_value()) << "the handshake carries none";
  seen.clear();
  send(client_, 0);
  send(client_, 500);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0], ByteCount(0)) << "an empty message is carried, too";
  EXPECT_EQ(seen[1], ByteCount(500));
}

TEST(MessageBytesTest, ForeignBytesCarryNothing) {
  const std::vector<std::uint8_t> bytes(100, 0xFF);
  EXPECT_FALSE(netsim::message_bytes_of(bytes).has_value());
  EXPECT_FALSE(netsim::message_bytes_of({}).has_value());
}

}  // namespace
}  // namespace hawser::scenarios
