#include "tools/hawser/flow_options.h"

#include <string>

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string complaint(std::string_view text) {
  try {
    parse_flow(text);
  } catch (const CLI::ValidationError& error) {
    return error.what();
  }
  return "none";
}

TEST(FlowOptionsTest, NothingIsAnUnboundedBulkFlow) {
  const FlowSpec flow = parse_flow("");
  EXPECT_EQ(flow.mode, TrafficMode::bulk);
  EXPECT_EQ(flow.size, ByteCount(64 << 10));
  EXPECT_EQ(flow.cc, "cubic");
  EXPECT_EQ(flow.delivery, Delivery::ordered);
  EXPECT_FALSE(flow.is_finite());
}

TEST(FlowOptionsTest, EveryKeyIsRead) {
  const FlowSpec flow = parse_flow(
      "mode=messages,size=1KiB,interval=5ms,burst=3,count=99,channel=unordered,from=server,"
      "start=2s,reader_stop=3s-4s,connection=a,cc=fixed,window=32,cwnd_initial=9600,"
      "cwnd_min=2400,cwnd_max=1MiB,fast_convergence=0,spurious_undo=0,hystart=0,prr=0,ecn=0,"
      "connects_on_accept=1,resumed=1,arq=go_back_n,send_window=16,receive_window=1KiB,"
      "delay=7ms,rate=5mbit,queue=9p");
  EXPECT_EQ(flow.mode, TrafficMode::messages);
  EXPECT_EQ(flow.size, ByteCount(1024));
  EXPECT_EQ(flow.interval, 5ms);
  EXPECT_EQ(flow.burst, 3U);
  EXPECT_EQ(flow.count, 99U);
  EXPECT_EQ(flow.delivery, Delivery::unordered);
  EXPECT_TRUE(flow.is_from_server);
  EXPECT_EQ(flow.start, 2s);
  ASSERT_TRUE(flow.reader_stop.has_value());
  EXPECT_EQ(flow.reader_stop->to, 4s);
  EXPECT_EQ(flow.connection, "a");
  EXPECT_EQ(flow.cc, "fixed");
  EXPECT_EQ(flow.window_packets, 32U);
  EXPECT_EQ(flow.cwnd_initial, ByteCount(9600));
  EXPECT_EQ(flow.cwnd_min, ByteCount(2400));
  EXPECT_EQ(flow.cwnd_max, ByteCount(1 << 20));
  EXPECT_EQ(flow.fast_convergence, false);
  EXPECT_EQ(flow.spurious_undo, false);
  EXPECT_EQ(flow.hystart, false);
  EXPECT_EQ(flow.prr, false);
  EXPECT_EQ(flow.ecn, false);
  EXPECT_EQ(flow.connects_on_accept, true);
  EXPECT_EQ(flow.resumed, true);
  EXPECT_EQ(flow.arq, Arq::go_back_n);
  EXPECT_EQ(flow.send_window, 16U);
  EXPECT_EQ(flow.receive_window, ByteCount(1 << 10));
  EXPECT_EQ(flow.access_delay, 7ms);
  EXPECT_EQ(flow.access_rate, Bandwidth::bits_per_second(5'000'000));
  EXPECT_EQ(flow.access_queue, netsim::QueueLimit{.packets = 9});
  EXPECT_EQ(parse_flow("cc=bbr,loss_threshold=10").loss_threshold_percent, 10);
  EXPECT_EQ(parse_flow("mode=pingpong,reply_size=1000").reply_size, ByteCount(1000));
  const FlowSpec aimd = parse_flow("cc=aimd,aimd_increase_percent=50,aimd_decrease_percent=88");
  EXPECT_EQ(aimd.aimd_increase_percent, 50U);
  EXPECT_EQ(aimd.aimd_decrease_percent, 88U);
  EXPECT_EQ(parse_flow("cc=ledbat,ledbat_target=60ms").ledbat_target, 60ms);
  EXPECT_EQ(parse_flow("cc=copa,copa_delta_percent=5").copa_delta_percent, 5U);
}

TEST(FlowOptionsTest, BytesBecomeMessagesRoundedUp) {
  EXPECT_EQ(parse_flow("bytes=1MiB").count, 16U);
  EXPECT_EQ(parse_flow("bytes=100001,size=1000").count, 101U);
  EXPECT_EQ(parse_flow("bytes=0").count, 0U);
}

TEST(FlowOptionsTest, KeysOfLaterVersionsAreRefusedWithTheListOfThoseAccepted) {
  for (const char* key :
       {"keys", "deadline", "priority", "max_retransmits", "early", "immediate", "nonsense", ""}) {
    const std::string line = complaint(std::string("mode=bulk,") + key + "=1");
    EXPECT_THAT(line, HasSubstr("--flow: unknown key '" + std::string(key) + "'"));
    EXPECT_THAT(line, HasSubstr("accepted are mode, size,"));
  }
  EXPECT_THAT(complaint("mode=messages,channel=latest"),
              HasSubstr("give ordered, unordered or unreliable"));
  EXPECT_THAT(complaint("cc=tahoe"), HasSubstr("--flow: cc: 'tahoe' is not accepted: give cubic"));
}

TEST(FlowOptionsTest, AWrongValueNamesKeyValueAndForm) {
  EXPECT_EQ(complaint("size=17MiB"),
            "--flow: size: '17MiB' is not accepted: give a size from 0 to 16MiB");
  EXPECT_EQ(complaint("count=0"), "--flow: count: '0' is not accepted: give a whole number from 1");
  EXPECT_EQ(complaint("reader_stop=5s-2s"),
            "--flow: reader_stop: '5s-2s' is not accepted: give two times such as 2s-5s, the first "
            "one earlier");
  EXPECT_THAT(complaint("send_window=0"), HasSubstr("from 1 to 1048576"));
  EXPECT_THAT(complaint("cc=ledbat,ledbat_target=101ms"), HasSubstr("from 1ms to 100ms"));
}

TEST(FlowOptionsTest, ContradictionsAreRefused) {
  EXPECT_THAT(complaint("bytes=1MB,count=3"), HasSubstr("give one of them"));
  EXPECT_THAT(complaint("bytes=1MB,size=0"), HasSubstr("size=0"));
  EXPECT_THAT(complaint("mode=bulk,interval=1ms"), HasSubstr("interval= is for"));
  EXPECT_THAT(complaint("mode=bulk,burst=3"), HasSubstr("burst= is for mode=messages"));
  EXPECT_THAT(complaint("mode=pingpong,burst=3"), HasSubstr("burst= is for mode=messages"));
  EXPECT_THAT(complaint("mode=messages,interval=0"), HasSubstr("give count= too"));
  EXPECT_THAT(complaint("mode=bulk,reply_size=1"), HasSubstr("reply_size= is for"));
  EXPECT_THAT(complaint("mode=pingpong,channel=unreliable"), HasSubstr("waits for answers"));
  EXPECT_THAT(complaint("cc=cubic,window=5"), HasSubstr("window= is for cc=fixed"));
  EXPECT_THAT(complaint("aimd_increase_percent=5"), HasSubstr("percent= is for cc=aimd"));
  EXPECT_THAT(complaint("aimd_decrease_percent=5"), HasSubstr("percent= is for cc=aimd"));
  EXPECT_THAT(complaint("cc=vegas,ledbat_target=5ms"), HasSubstr("target= is for cc=ledbat"));
  EXPECT_THAT(complaint("copa_delta_percent=5"), HasSubstr("percent= is for cc=copa"));
  EXPECT_THAT(complaint("delay=5ms,queue=9p"), HasSubstr("queue= has no effect without rate="));
}

TEST(FlowOptionsTest, TheHelpNamesEveryKey) {
  for (const char* key : {"mode=", "size=", "reader_stop=", "spurious_undo=", "rate="}) {
    EXPECT_THAT(flow_help(), HasSubstr(key));
  }
}

}  // namespace
}  // namespace hawser::cli
