#include "tools/hawser/perf_protocol.h"

#include <string>

#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;

TEST(PerfProtocolTest, PlansAreReadBack) {
  const std::string text = encode(PerfPlan{.run = UINT64_MAX,
                                           .flow_key = 3,
                                           .message_size = 64,
                                           .delivery = Delivery::unreliable,
                                           .is_echoed = true,
                                           .machine = "here"});
  const auto plan = parse_perf_plan(bytes_of(text));
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->run, UINT64_MAX);
  EXPECT_EQ(plan->flow_key, 3U);
  EXPECT_EQ(plan->message_size, 64U);
  EXPECT_EQ(plan->delivery, Delivery::unreliable);
  EXPECT_TRUE(plan->is_echoed);
  EXPECT_EQ(plan->machine, "here");
}

TEST(PerfProtocolTest, ReportsAreReadBack) {
  PerfReport report;
  report.counts.delivered = 5;
  report.counts.corrupt = 1;
  report.counts.bytes = ByteCount(320);
  report.elapsed = 1500ms;
  report.cpu_s = 0.25;
  report.rss_kb = 4096;
  report.latency_json = "{\"n\":5}";
  const auto read = parse_perf_report(bytes_of(encode(report)));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->counts.delivered, 5U);
  EXPECT_EQ(read->counts.corrupt, 1U);
  EXPECT_EQ(read->counts.bytes, ByteCount(320));
  EXPECT_EQ(read->elapsed, 1500ms);
  EXPECT_EQ(read->cpu_s, 0.25);
  EXPECT_EQ(read->rss_kb, 4096U);
  EXPECT_EQ(read->latency_json, "{\"n\":5}");
}

TEST(PerfProtocolTest, EachKindIsReadAsItselfAlone) {
  const std::string plan = encode(PerfPlan{});
  const std::string finish = encode(PerfFinish{.messages_sent = 9});
  EXPECT_FALSE(parse_perf_finish(bytes_of(plan)).has_value());
  EXPECT_FALSE(parse_perf_plan(bytes_of(finish)).has_value());
  EXPECT_FALSE(parse_perf_report(bytes_of(finish)).has_value());
  EXPECT_EQ(parse_perf_finish(bytes_of(finish))->messages_sent, 9U);
}

TEST(PerfProtocolTest, ForeignBytesAreNoMessage) {
  for (const char* text : {"", "{", "[]", "null", "7", "{\"kind\":7}", "{\"kind\":\"plan",
                           "{\"kind\":\"plan\",\"message_size\":99999999}",
                           "{\"kind\":\"plan\",\"delivery\":9}", "\xff\xfe"}) {
    EXPECT_FALSE(parse_perf_plan(bytes_of(text)).has_value()) << text;
    EXPECT_FALSE(parse_perf_report(bytes_of(text)).has_value()) << text;
  }
  // Members of the wrong type are as good as absent.
  const auto plan = parse_perf_plan(bytes_of("{\"kind\":\"plan\",\"run\":\"x\",\"is_echoed\":1}"));
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->run, 0U);
  EXPECT_FALSE(plan->is_echoed);
}

TEST(PerfProtocolTest, TheProcessKnowsItself) {
  EXPECT_FALSE(machine_name().empty());
  EXPECT_EQ(machine_name(), machine_name());
  EXPECT_GT(resident_kb(), 0U);
  EXPECT_GE(cpu_seconds(), 0.0);
}

}  // namespace
}  // namespace hawser::cli
