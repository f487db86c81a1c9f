#include "tools/hawser/flow_report.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;

// A closed connection over which everything went well.
FlowReport good_flow() {
  FlowReport flow;
  flow.cc = "cubic";
  flow.messages_sent = 10;
  flow.deliveries.delivered = 10;
  flow.receipts.delivered = 10;
  flow.state = "closed";
  flow.handshake = 60ms;
  flow.completion = 1500ms;
  return flow;
}

TEST(FlowReportTest, TheJsonHasEveryKeyOfTheContract) {
  const auto json = to_json(good_flow());
  for (const char* key : {"cc",
                          "mode",
                          "goodput_mbps",
                          "completion_s",
                          "messages_sent",
                          "messages_delivered",
                          "duplicates",
                          "out_of_order",
                          "corrupt",
                          "receipts",
                          "bytes_expired",
                          "latency_ms",
                          "age_ms",
                          "attribution_ms",
                          "packets_sent",
                          "packets_lost",
                          "spurious_losses",
                          "probes",
                          "retransmitted_bytes",
                          "bytes_on_wire",
                          "cwnd_mean_packets",
                          "cwnd_min_packets",
                          "cwnd_max_packets",
                          "srtt_ms",
                          "handshake_ms",
                          "state",
                          "close_reason",
                          "ecn_state",
                          "ecn_ce_received",
                          "ecn_ce_reported",
                          "ecn_reductions",
                          "mtu_probes_sent",
                          "mtu_probes_lost",
                          "mtu_black_holes"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  for (const char* key : {"delivered", "accepted", "expired_unsent", "expired_sent", "cancelled",
                          "replaced", "refused", "lost", "connection_lost"}) {
    EXPECT_TRUE(json["receipts"].contains(key)) << key;
  }
  for (const char* key : {"n", "min", "mean", "p50", "p90", "p99", "p99.5", "p99.9", "max"}) {
    EXPECT_TRUE(json["latency_ms"].contains(key)) << key;
  }
  EXPECT_EQ(json["completion_s"], 1.5);
  EXPECT_EQ(json["handshake_ms"], 60.0);
  EXPECT_EQ(json["close_reason"], "none");
}

TEST(FlowReportTest, WhatDidNotHappenIsNull) {
  const auto json = to_json(FlowReport());
  EXPECT_TRUE(json["completion_s"].is_null());
  EXPECT_TRUE(json["handshake_ms"].is_null());
}

TEST(FlowReportTest, BytesOnTheWireIncludeUdpAndIp) {
  FlowReport flow;
  flow.stats.bytes_sent = ByteCount(1000);
  flow.stats.datagrams_sent = 2;
  EXPECT_EQ(to_json(flow)["bytes_on_wire"], 1056);
}

TEST(FlowReportTest, KeptPromisesAreNoNews) {
  EXPECT_FALSE(good_flow().broken_promise().has_value());
  FlowReport unreliable = good_flow();
  unreliable.delivery = Delivery::unreliable;
  unreliable.deliveries.delivered = 3;
  EXPECT_FALSE(unreliable.broken_promise().has_value());
}

TEST(FlowReportTest, EveryKindOfHarmIsABrokenPromise) {
  FlowReport flow = good_flow();
  flow.deliveries.duplicates = 1;
  EXPECT_EQ(flow.broken_promise(), "0 messages corrupt, 1 duplicated, 0 out of order");
  flow = good_flow();
  flow.receipts.repeated = 1;
  EXPECT_EQ(flow.broken_promise(), "1 messages had two receipts");
  flow = good_flow();
  flow.deliveries.delivered = 8;
  EXPECT_EQ(flow.broken_promise(), "2 reliable messages lost");
}

TEST(FlowReportTest, WhileTheConnectionStandsNothingIsLostYet) {
  FlowReport flow = good_flow();
  flow.state = "established";
  flow.deliveries.delivered = 8;
  EXPECT_EQ(flow.messages_lost(), 0U);
  flow.state = "closed";
  EXPECT_EQ(flow.messages_lost(), 2U);
  flow.is_reader_stopped = true;
  EXPECT_EQ(flow.messages_lost(), 0U);
}

TEST(FlowReportTest, WhenItBreaksOffOrderedMessagesMayWaitBehindOneThatNeverCame) {
  FlowReport flow = good_flow();
  flow.deliveries.delivered = 8;
  flow.close_reason = CloseReason::idle_timeout;
  EXPECT_EQ(flow.messages_lost(), 0U);
  flow.delivery = Delivery::unordered;
  EXPECT_EQ(flow.messages_lost(), 2U) << "nothing holds these back";
}

TEST(FlowReportTest, WhatHasNoReceiptOfDeliveryIsNotLost) {
  FlowReport flow = good_flow();
  flow.deliveries.delivered = 8;
  flow.receipts.delivered = 8;
  flow.receipts.connection_lost = 2;
  EXPECT_EQ(flow.messages_lost(), 0U);
}

TEST(FlowReportTest, TimeoutsAreToldApartFromBrokenPromises) {
  EXPECT_FALSE(good_flow().timed_out());
  FlowReport flow = good_flow();
  flow.close_reason = CloseReason::idle_timeout;
  EXPECT_TRUE(flow.timed_out());
  EXPECT_TRUE(FlowReport().timed_out()) << "never connected";
}

TEST(FlowReportTest, RatesAndJain) {
  EXPECT_DOUBLE_EQ(to_mbps(ByteCount(1'000'000), 1s), 8.0);
  EXPECT_EQ(to_mbps(ByteCount(1), 0s), 0.0);
  FlowReport one;
  one.goodput_mbps = 10;
  FlowReport other = one;
  EXPECT_DOUBLE_EQ(jain_index({one, other}), 1.0);
  other.goodput_mbps = 0;
  EXPECT_DOUBLE_EQ(jain_index({one, other}), 0.5);
  EXPECT_DOUBLE_EQ(jain_index({FlowReport()}), 1.0);
}

TEST(FlowReportTest, TheTextTellsOfMarksWhereThereWereAny) {
  FlowReport flow = good_flow();
  EXPECT_EQ(to_text(flow, "flow 1").find("ECN"), std::string::npos);
  flow.stats.ecn_ce_reported = 7;
  flow.stats.ecn_reductions = 2;
  EXPECT_NE(to_text(flow, "flow 1").find("ECN         7 marked, answered 2 times"),
            std::string::npos);
}

TEST(FlowReportTest, TheTextNamesWhatMatters) {
  FlowReport flow = good_flow();
  flow.latency.add(30ms);
  const std::string text = to_text(flow, "flow 1");
  EXPECT_NE(text.find("10 sent, 10 delivered, 0 duplicated"), std::string::npos) << text;
  EXPECT_NE(text.find("p50 30.000"), std::string::npos) << text;
  EXPECT_NE(text.find("closed (none), handshake 60.000 ms"), std::string::npos) << text;
}

}  // namespace
}  // namespace hawser::cli
