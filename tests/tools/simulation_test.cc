#include "tools/hawser/simulation.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tools/hawser/sim_options.h"

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;

TEST(SimulationTest, AReaderGoesOnWhenTheLastOfOverlappingStopsIsOver) {
  const SimulationReport report = simulate(parse_simulation(
      "--rtt 20ms --flow connection=a,mode=messages,count=1,reader_stop=1s-2s "
      "--flow connection=a,mode=messages,count=1,start=1500ms,reader_stop=1500ms-3s"));
  EXPECT_EQ(report.flows[0].latency.max(), 10ms);
  EXPECT_EQ(report.flows[1].latency.max(), 1500ms);
}

TEST(SimulationTest, WhatAStoppedReaderHasYetToTakeIsNotLost) {
  const SimulationReport report = simulate(
      parse_simulation("--rtt 20ms --flow mode=messages,count=3,reader_stop=0-9s --duration 5s"));
  EXPECT_EQ(report.flows[0].receipts.delivered, 3U);
  EXPECT_EQ(report.flows[0].deliveries.delivered, 0U);
  EXPECT_EQ(report.flows[0].messages_lost(), 0U);
}

TEST(SimulationTest, DeliveriesAreToldWithTheirFlowTimeAndSize) {
  std::vector<std::tuple<std::size_t, Duration, ByteCount>> told;
  const SimulationSpec spec = parse_simulation(
      "--rtt 20ms --flow mode=messages,count=1,size=300 "
      "--flow mode=messages,count=2,size=200,start=1s,interval=5ms");
  const SimulationReport report = simulate(
      spec, [](Duration) { return false; }, nullptr,
      [&told](std::size_t flow, Duration since_start, ByteCount size) {
        told.emplace_back(flow, since_start, size);
      });
  // Two round trips of the handshake with its cookie, and half of one.
  const std::vector<std::tuple<std::size_t, Duration, ByteCount>> expected = {
      {0, 50ms, ByteCount(300)}, {1, 1050ms, ByteCount(200)}, {1, 1055ms, ByteCount(200)}};
  EXPECT_EQ(told, expected);
  EXPECT_EQ(simulate(spec).trace_hash, report.trace_hash);
}

TEST(SimulationTest, AResumedConnectionSavesARoundTripAndAServerThatSpeaksFirstAnother) {
  const auto completion = [](const std::string& keys) {
    const SimulationReport report =
        simulate(parse_simulation("--rtt 20ms --flow mode=messages,count=1,from=server" + keys));
    EXPECT_EQ(report.flows[0].handshake, keys.find("resumed") == std::string::npos ? 40ms : 20ms);
    return report.flows[0].completion;
  };
  EXPECT_EQ(completion(""), 60ms);
  EXPECT_EQ(completion(",resumed=1"), 40ms);
  EXPECT_EQ(completion(",connects_on_accept=1"), 40ms);
  EXPECT_EQ(completion(",connects_on_accept=1,resumed=1"), 20ms);
}

TEST(SimulationTest, AFlowMayBringAControllerThatIsNotBuiltIn) {
  static constexpr CongestionControllerFactory kOwn{
      "own", [](const CongestionConfig& config) {
        return find_congestion_controller("fixed")->make(
            {.datagram_size = config.datagram_size, .fixed_window_packets = 3});
      }};
  SimulationSpec spec = parse_simulation("--rtt 20ms --datagram-size 1200 --flow bytes=300kB");
  spec.flows[0].own_controller = &kOwn;
  EXPECT_EQ(simulate(spec).flows[0].cwnd_max_packets, 3);
}

// The fullest datagram of a bulk flow holds the same share of any rate.
TEST(SimulationTest, AnyRateHasItsPayloadCeiling) {
  const auto ceiling_of = [](const std::string& path) {
    const SimulationReport report =
        simulate(parse_simulation("--rtt 20ms --flow bytes=300kB " + path));
    return report.links.at(0).stats.payload_ceiling;
  };
  const Bandwidth plain = ceiling_of("--rate 10mbit");
  EXPECT_GT(plain, Bandwidth::bits_per_second(9'000'000));
  EXPECT_EQ(ceiling_of("--at 10ms:rate=10mbit"), plain);
  const SimulationReport by_netem =
      simulate(parse_simulation({"--netem", "delay 10ms rate 10mbit", "--flow", "bytes=300kB"}));
  EXPECT_EQ(by_netem.links.at(0).stats.payload_ceiling, plain);
}

TEST(SimulationTest, AnAccessLinkDropsWhatItsQueueCannotHold) {
  const auto drops_with = [](const std::string& limit) {
    const SimulationReport report =
        simulate(parse_simulation("--rtt 20ms --flow bytes=300kB,rate=5mbit" + limit));
    return report.links.at(2).stats.dropped_queue;
  };
  EXPECT_EQ(drops_with(""), 0U);
  EXPECT_GT(drops_with(",queue=4p"), 0U);
}

const netsim::HostStats* find_host(const SimulationReport& report, std::string_view name) {
  const auto found = std::ranges::find(report.hosts, name, &HostReport::name);
  return found == report.hosts.end() ? nullptr : &found->stats;
}

constexpr char kFlow[] = "--rtt 20ms --flow mode=messages,interval=10ms,count=500 ";

TEST(SimulationTest, ASenderThatCrashesLosesWhatHasNoReceiptYet) {
  const SimulationReport report =
      simulate(parse_simulation(std::string(kFlow) + "--client-crash 2s-3s"));
  const FlowReport& flow = report.flows.front();
  EXPECT_NEAR(static_cast<double>(flow.messages_sent), 196, 2) << "from the handshake on";
  EXPECT_GT(flow.receipts.connection_lost, 0U);
  EXPECT_EQ(flow.receipts.delivered + flow.receipts.connection_lost, flow.messages_sent);
  EXPECT_GE(flow.deliveries.delivered, flow.receipts.delivered);
  EXPECT_FALSE(flow.completion.has_value());
  EXPECT_STREQ(flow.state, "closed");
  EXPECT_STREQ(flow.ending(), "crashed");
  EXPECT_TRUE(flow.broke_off());
  EXPECT_FALSE(flow.broken_promise().has_value());
  EXPECT_GT(flow.stats.packets_sent, 0U) << "as it was when it died";
  ASSERT_NE(find_host(report, "client1"), nullptr);
  EXPECT_EQ(find_host(report, "client1")->crashes, 1U);
  EXPECT_GT(report.duration, 30s) << "the server waits for its idle timeout";
}

TEST(SimulationTest, ASenderIsToldBySomeoneWhoCameAfterTheCrash) {
  const SimulationReport report =
      simulate(parse_simulation(std::string(kFlow) + "--server-crash 2s-3s"));
  const FlowReport& flow = report.flows.front();
  EXPECT_EQ(flow.close_reason, CloseReason::stateless_reset);
  EXPECT_GT(flow.receipts.connection_lost, 0U);
  EXPECT_EQ(flow.receipts.delivered + flow.receipts.connection_lost, flow.messages_sent);
  EXPECT_FALSE(flow.broken_promise().has_value());
  EXPECT_LT(report.duration, 12s);
  ASSERT_NE(find_host(report, "server1"), nullptr);
  EXPECT_GT(find_host(report, "server1")->dropped_while_down, 0U);
  EXPECT_EQ(find_host(report, "client1"), nullptr) << "nothing befell it";
}

TEST(SimulationTest, ACrashWithoutAConnectionHarmsNone) {
  const SimulationReport report = simulate(parse_simulation(
      "--rtt 20ms --crash 1s-2s --flow start=3s,mode=messages,count=10 --client-crash 30s-31s"));
  EXPECT_EQ(report.flows.front().deliveries.delivered, 10U);
  EXPECT_FALSE(report.flows.front().broke_off());
}

TEST(SimulationTest, APingThatIsNotAnsweredEndsWithItsProcess) {
  const SimulationReport report = simulate(parse_simulation(
      "--rtt 20ms --crash 1s-2s --flow mode=pingpong,count=100000 --flow mode=pingpong,from=server,"
      "count=100000"));
  for (const FlowReport& flow : report.flows) {
    EXPECT_STREQ(flow.ending(), "crashed");
    EXPECT_FALSE(flow.broken_promise().has_value());
  }
}

TEST(SimulationTest, FaultsThatBefellAHostAreReported) {
  const SimulationReport report = simulate(
      parse_simulation(std::string(kFlow) + "--client-send-block 10% --client-send-refuse 10%"));
  ASSERT_EQ(report.hosts.size(), 1U);
  EXPECT_EQ(report.hosts[0].name, "client1");
  EXPECT_GT(report.hosts[0].stats.sends_blocked, 0U);
  EXPECT_GT(report.hosts[0].stats.sends_refused, 0U);
  EXPECT_EQ(to_text({.name = "client1", .stats = {.sends_blocked = 3, .crashes = 1}}),
            "host client1: 3 times its socket was full, 1 crash\n");
  EXPECT_EQ(to_json(report.hosts[0])["sends_blocked"], report.hosts[0].stats.sends_blocked);
}

TEST(SimulationTest, AConnectionThatEndsWithNothingUnderWayKeepsItsFigures) {
  const SimulationReport idle = simulate(
      parse_simulation("--rtt 40ms --idle-timeout 5s --flow mode=messages,count=5,interval=60s"));
  EXPECT_EQ(idle.flows[0].close_reason, CloseReason::idle_timeout);
  EXPECT_EQ(idle.flows[0].stats.packets_sent, 3U);  // two INITs, a message
  EXPECT_EQ(idle.flows[0].stats.rtt.smoothed, 40ms);
  EXPECT_LT(idle.flows[0].cwnd_mean_packets, 100);
  const SimulationReport refused =
      simulate(parse_simulation("--loss 100% --handshake-timeout 2s --flow mode=messages,count=1"));
  EXPECT_EQ(refused.flows[0].close_reason, CloseReason::handshake_timeout);
  EXPECT_EQ(refused.flows[0].stats.packets_sent, refused.links[0].stats.packets);
  EXPECT_GT(refused.flows[0].stats.packets_sent, 0U);
}

}  // namespace
}  // namespace hawser::cli
