// Whole commands, run as a user runs them.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/command_line.h"

namespace hawser::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(CommandsTest, EveryCommandHasHelpWithAnExample) {
  for (const char* command :
       {"", "sim", "demo", "perf", "perf server", "perf client", "netem", "decode"}) {
    const CommandResult result = run_tool(std::string(command) + " --help");
    EXPECT_EQ(result.exit_code, 0) << command;
    EXPECT_THAT(result.output, HasSubstr("Example")) << command;
    EXPECT_THAT(result.output, HasSubstr("hawser")) << command;
    EXPECT_THAT(result.errors, IsEmpty()) << command;
  }
}

// ---- sim ----------------------------------------------------------------------------------------

TEST(SimCommandTest, JsonIsOneObjectWithEveryKeyOfTheContract) {
  const CommandResult result =
      run_tool("sim --rtt 60ms --loss 5% --flow mode=messages,count=100 --seed 3 --json");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, IsEmpty());
  const auto json = result.json();
  for (const char* key : {"seed", "trace_hash", "duration_s", "wall_s", "packets_simulated",
                          "flows", "links", "jain"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  EXPECT_EQ(json["trace_hash"].get<std::string>().size(), 16U);
  EXPECT_EQ(json["flows"][0]["messages_delivered"], 100);
  for (const char* key : {"name", "packets", "bytes", "dropped_loss", "dropped_queue", "duplicated",
                          "corrupted", "reordered", "ecn_marked", "queue_max_ms", "queue_mean_ms",
                          "utilisation", "payload_ceiling_mbps"}) {
    EXPECT_TRUE(json["links"][0].contains(key)) << key;
  }
}

TEST(SimCommandTest, OnlyTheWallClockDiffersBetweenTwoRuns) {
  const std::string arguments = "sim --rtt 60ms --loss 20% --flow mode=messages,count=500 --json";
  auto first = run_tool(arguments).json();
  auto second = run_tool(arguments).json();
  ASSERT_FALSE(first.is_null());
  first.erase("wall_s");
  second.erase("wall_s");
  EXPECT_EQ(first, second);
}

TEST(SimCommandTest, AConnectionThatTimesOutGives3) {
  const CommandResult result = run_tool(
      "sim --rtt 60ms --loss 100% --handshake-timeout 2s --flow mode=messages,count=1 --json");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.errors, HasSubstr("handshake_timeout"));
  EXPECT_EQ(result.json()["flows"][0]["close_reason"], "handshake_timeout");
}

TEST(SimCommandTest, TheCommandOfAReportRunsItAgain) {
  const CommandResult result = run_script(
      "\"$HAWSER\" sim --up-loss 9% --client-send-block 20% --rtt 8ms --seed 5 --json "
      "--flow mode=messages,count=80 --report \"$DIR/r.html\" >\"$DIR/first\" || exit 98\n"
      "command=$(sed -n 's/.*\"command\":\"hawser \\([^\"]*\\)\".*/\\1/p' \"$DIR/r.html\")\n"
      "eval \"\\\"$HAWSER\\\" $command --json\" >\"$DIR/second\" || exit 99\n"
      "for run in first second; do\n"
      "  grep -o '\"trace_hash\":\"[0-9a-f]*\"' \"$DIR/$run\" >\"$DIR/$run.hash\" || exit 97\n"
      "done\n"
      "cmp \"$DIR/first.hash\" \"$DIR/second.hash\"");
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
}

TEST(SimCommandTest, ScriptedDropsCountWhatCarriesMessageBytes) {
  const auto json =
      run_tool("sim --rtt 20ms --drop 1,2 --flow mode=messages,interval=50ms,count=5 --json")
          .json();
  ASSERT_FALSE(json.is_null());
  EXPECT_EQ(json["links"][0]["dropped_loss"], 2);
  EXPECT_EQ(json["links"][1]["dropped_loss"], 0) << "acknowledgements carry no message";
  EXPECT_EQ(json["flows"][0]["handshake_ms"], 40) << "neither does the handshake";
}

// 10 ms each way: the acknowledgements of what left before the client knew its new address.
TEST(SimCommandTest, WhatGoesToAnAddressThatWasLeftIsCounted) {
  const auto json =
      run_tool("sim --rtt 20ms --rebind 105ms --flow mode=messages,interval=1ms,count=200 --json")
          .json();
  ASSERT_FALSE(json.is_null());
  EXPECT_GT(json["unroutable"], 0);
  EXPECT_EQ(json["flows"][0]["messages_delivered"], 200);
}

// Hundreds of messages to a datagram, and no time that passes.
TEST(SimCommandTest, AnEndlessLoadWithoutDelayIsNoticed) {
  const CommandResult result = run_tool("sim --flow mode=bulk,size=0 --duration 10ms --json");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.errors, HasSubstr("the simulation stood still"));
}

TEST(SimCommandTest, ASimulationThatIsToldToEndSumsUp) {
  const CommandResult result = run_script(
      "timeout --preserve-status -s TERM 1 \"$HAWSER\" sim --rtt 20ms --rate 10mbit --queue 100p "
      "--flow mode=bulk --duration 9h --json");
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_GT(result.json()["duration_s"], 0);
}

TEST(SimCommandTest, TextIsForPeople) {
  const CommandResult result = run_tool("sim --rtt 60ms --flow mode=messages,count=10");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("10 sent, 10 delivered"));
  EXPECT_THAT(result.output, HasSubstr("link up:"));
  EXPECT_THAT(result.output, Not(HasSubstr("waits of"))) << "without a rate nothing waits";
  const CommandResult shared =
      run_tool("sim --rtt 60ms --rate 5mbit --duration 2s --cross rate=1mbit --flow bytes=100kB");
  EXPECT_THAT(shared.output, HasSubstr(" % used, waits of "));
  EXPECT_THAT(shared.output, HasSubstr(" datagrams arrived, "));
  EXPECT_THAT(shared.output, HasSubstr(" Mbit/s over the run\n"));
}

// ---- demo ---------------------------------------------------------------------------------------

TEST(DemoCommandTest, DeliversEverythingWhereRawUdpDoesNot) {
  const CommandResult result = run_tool("demo --count 500 --interval 2ms --json");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const auto json = result.json();
  ASSERT_FALSE(json.is_null()) << result.output;
  const auto& flow = json["flows"][0];
  EXPECT_EQ(flow["messages_delivered"], 500);
  EXPECT_EQ(flow["duplicates"], 0);
  EXPECT_EQ(flow["out_of_order"], 0);
  EXPECT_EQ(flow["corrupt"], 0);
  EXPECT_EQ(flow["state"], "closed");
  const auto& raw = json["raw_udp"];
  for (const char* key : {"sent", "received", "duplicates", "out_of_order", "corrupt"}) {
    EXPECT_TRUE(raw.contains(key)) << key;
  }
  EXPECT_EQ(raw["sent"], 500);
  EXPECT_GT(raw["lost"], 0);
}

TEST(DemoCommandTest, SaysInWordsWhatHappened) {
  const CommandResult result = run_tool("demo --count 50 --interval 1ms --rtt 5ms --loss 0%");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("Every message arrived once, in order, unchanged."));
}

TEST(DemoCommandTest, WhatGoesToAnAddressThatWasLeftIsCounted) {
  const auto json = run_tool(
                        "demo --count 200 --interval 1ms --rtt 20ms --loss 0% --duplicate 0% "
                        "--reorder 0% --corrupt 0% --rebind 120ms --json")
                        .json();
  ASSERT_FALSE(json.is_null());
  EXPECT_EQ(json["flows"][0]["messages_delivered"], 200);
  EXPECT_GT(json["unroutable"], 0);
}

TEST(DemoCommandTest, ScriptedDropsCountWhatCarriesMessageBytesOfEitherKind) {
  const auto json = run_tool(
                        "demo --count 50 --interval 2ms --rtt 4ms --loss 0% --duplicate 0% "
                        "--reorder 0% --corrupt 0% --drop 1,2 --json")
                        .json();
  ASSERT_FALSE(json.is_null());
  EXPECT_EQ(json["links"][0]["dropped_loss"], 2);
  EXPECT_EQ(json["links"][1]["dropped_loss"], 0) << "nothing but acknowledgements comes back";
  EXPECT_EQ(json["flows"][0]["messages_delivered"], 50);
  EXPECT_EQ(json["raw_udp"]["lost"], 2);
}

TEST(DemoCommandTest, DescribesEverySettingThatWasGiven) {
  const CommandResult result = run_tool(
      "demo --count 5 --interval 1ms --rtt 4ms --up-jitter 1ms --loss-ge 1%,25% "
      "--at 5s:down-corrupt=3% --rebind 9s");
  EXPECT_THAT(result.output,
              HasSubstr("The way there: 2ms delay, 1% duplicated, 5% reordered, 1% damaged, "
                        "loss-ge 1%,25%, jitter 1ms.\n"
                        "The way back:  2ms delay, 1% duplicated, 5% reordered, 1% damaged, "
                        "loss-ge 1%,25%, corrupt 3% from 5s on.\n"
                        "The client's address changes after 9s.\n"));
  EXPECT_THAT(run_tool("demo --count 5 --interval 1ms --netem 'delay 2ms'").output,
              HasSubstr("The way there: netem delay 2ms.\n"));
}

// ---- perf ---------------------------------------------------------------------------------------

// Starts a server on any port and runs a client against it; the script's code is the client's.
CommandResult run_perf(const std::string& client, const std::string& server = "") {
  return run_script(
      "mkfifo \"$DIR/ready\"\n"
      "\"$HAWSER\" perf server --bind 127.0.0.1 --port 0 --once " +
      server +
      " > \"$DIR/ready\" 2> /dev/null &\n"
      "read -r listening on address < \"$DIR/ready\"\n"
      "timeout 60 \"$HAWSER\" perf client \"$address\" " +
      client +
      "\n"
      "code=$?\n"
      "wait\n"
      "exit $code");
}

class PerfModeTest : public testing::TestWithParam<const char*> {};

TEST_P(PerfModeTest, NothingIsLostByEitherDriver) {
  for (const char* driver : {"linux", "portable"}) {
    const std::string choice = std::string(" --driver ") + driver;
    const CommandResult result = run_perf(GetParam() + choice + " --json", choice);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    const auto json = result.json();
    ASSERT_FALSE(json.is_null()) << result.output << result.errors;
    for (const char* key : {"goodput_mbps", "messages_per_s", "messages_sent", "messages_delivered",
                            "duplicates", "out_of_order", "corrupt", "latency_ms", "rtt_us",
                            "client_cpu_s", "server_cpu_s", "cpu_s_per_gb", "client_rss_kb",
                            "server_rss_kb", "rss_bytes_per_connection", "connects_per_s"}) {
      EXPECT_TRUE(json.contains(key)) << key;
    }
    EXPECT_GT(json["messages_delivered"], 0);
    EXPECT_EQ(json["messages_sent"], json["messages_delivered"]);
    EXPECT_EQ(json["driver"], driver);
    EXPECT_GT(json["latency_ms"]["n"], 0) << "both ends share this machine's clock";
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, PerfModeTest,
                         testing::Values("--mode bulk --count 50", "--mode flood --count 20000",
                                         "--mode messages --interval 1ms --count 100",
                                         "--mode pingpong --count 200 --channel unordered",
                                         "--mode bulk --count 10 --connections 4"));

TEST(PerfCommandTest, PingPongGivesRoundTripTimes) {
  const auto json = run_perf("--mode pingpong --count 100 --json").json();
  ASSERT_FALSE(json.is_null());
  for (const char* key : {"min", "p50", "p90", "p99", "p99.9", "max"}) {
    EXPECT_GT(json["rtt_us"][key], 0) << key;
  }
}

TEST(PerfCommandTest, ASingleMessageHasARateToo) {
  const auto json = run_perf("--mode messages --count 1 --json").json();
  ASSERT_FALSE(json.is_null());
  EXPECT_GT(json["messages_per_s"], 0);
  EXPECT_GT(json["goodput_mbps"], 0);
}

TEST(PerfCommandTest, IdleConnectionsAreHeldAndCounted) {
  const CommandResult result = run_perf("--mode idle --connections 300 --seconds 0.1 --json");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const auto json = result.json();
  ASSERT_FALSE(json.is_null());
  EXPECT_EQ(json["connections"], 300);
  EXPECT_GT(json["connects_per_s"], 0);
}

TEST(PerfCommandTest, ManyBulkConnectionsShareTheMemory) {
  const CommandResult result = run_perf("--mode bulk --connections 32 --seconds 0.3 --json");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_GT(result.json()["messages_delivered"], 0);
}

TEST(PerfCommandTest, ConnectionsThatAreReadyAfterTheEndSendNothing) {
  const CommandResult result =
      run_perf("--mode messages --interval 10ms --connections 400 --seconds 0.005 --json");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.json()["connections"], 400);
}

// The server is stopped, so its figures never come.
TEST(PerfCommandTest, AnInterruptedClientDoesNotWaitForASilentServer) {
  const CommandResult result = run_script(
      "mkfifo \"$DIR/server\" \"$DIR/relay\" \"$DIR/stats\"\n"
      "\"$HAWSER\" perf server --bind 127.0.0.1 --port 0 > \"$DIR/server\" 2> /dev/null &\n"
      "server=$!\n"
      "read -r listening on address < \"$DIR/server\"\n"
      "\"$HAWSER\" netem --listen 127.0.0.1:0 --to \"$address\" --stats 20ms "
      "> \"$DIR/relay\" 2> \"$DIR/stats\" &\n"
      "relay=$!\n"
      "exec 3< \"$DIR/relay\" 4< \"$DIR/stats\"\n"
      "read -r listening on address <&3\n"
      "timeout --preserve-status -s KILL 20 "
      "\"$HAWSER\" perf client \"$address\" --mode messages --interval 1ms --seconds 600 --json &\n"
      "client=$!\n"
      // More than a handshake: messages are under way.
      "grep -m 1 -qE '; up ([3-9][0-9]{2}|[1-9][0-9]{3,})/s' <&4\n"
      "kill -STOP \"$server\"\n"
      "cat <&4 > /dev/null &\n"
      "kill -INT \"$client\"\n"
      "wait \"$client\"\n"
      "code=$?\n"
      "kill -CONT \"$server\"\n"
      "kill -INT \"$server\" \"$relay\"\n"
      "cat <&3 > /dev/null\n"
      "wait\n"
      "exit $code");
  EXPECT_EQ(result.exit_code, 130) << result.errors;
  EXPECT_GT(result.json()["messages_sent"], 0) << result.output;
}

// ---- netem --------------------------------------------------------------------------------------

// How late it is depends on what else the machine does; all else must be right.
TEST(NetemCommandTest, TheSelfTestFindsTheImpairmentsAsAsked) {
  const CommandResult result =
      run_tool("netem --self-test --delay 5ms --loss 5% --duplicate 2% --corrupt 1% --json");
  const auto json = result.json();
  ASSERT_FALSE(json.is_null());
  ASSERT_EQ(json["self_test"].size(), 9U);
  for (const auto& check : json["self_test"]) {
    const bool is_timed = check["what"].get<std::string>().starts_with("median");
    EXPECT_TRUE(check["ok"] == true || is_timed) << check;
    EXPECT_TRUE(!is_timed || check["measured"] >= check["expected"]) << check;
  }
  EXPECT_GT(json["lateness_ms"]["n"], 0);
}

TEST(NetemCommandTest, RelaysForManyClientsAndSumsUpWhenInterrupted) {
  const CommandResult result = run_script(
      "mkfifo \"$DIR/server\" \"$DIR/relay\"\n"
      "\"$HAWSER\" perf server --bind 127.0.0.1 --port 0 > \"$DIR/server\" 2> /dev/null &\n"
      "server=$!\n"
      "read -r listening on address < \"$DIR/server\"\n"
      "\"$HAWSER\" netem --listen 127.0.0.1:0 --to \"$address\" --rtt 4ms --loss 1% "
      "> \"$DIR/relay\" &\n"
      "relay=$!\n"
      "exec 3< \"$DIR/relay\"\n"
      "read -r listening on address <&3\n"
      "for client in 1 2 3; do\n"
      "  \"$HAWSER\" perf client \"$address\" --mode messages --interval 1ms --count 100 > "
      "/dev/null "
      "|| exit 99\n"
      "done\n"
      "kill -INT \"$relay\"\n"
      "cat <&3\n"
      "wait \"$relay\"\n"
      "code=$?\n"
      "kill -INT \"$server\"\n"
      "wait\n"
      "exit $code");
  EXPECT_EQ(result.exit_code, 130) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("link up:"));
  EXPECT_THAT(result.output, HasSubstr("later than scheduled by p50"));
}

TEST(NetemCommandTest, TheServerMayBeOfAnotherFamilyThanTheClients) {
  const CommandResult result = run_script(
      "mkfifo \"$DIR/relay\"\n"
      "\"$HAWSER\" netem --listen 127.0.0.1:0 --to [::1]:9000 > \"$DIR/relay\" &\n"
      "relay=$!\n"
      "exec 3< \"$DIR/relay\"\n"
      "read -r listening on address <&3 || exit 99\n"
      "kill -INT \"$relay\"\n"
      "cat <&3\n"
      "wait \"$relay\"");
  EXPECT_EQ(result.exit_code, 130) << result.errors;
}

// ---- decode -------------------------------------------------------------------------------------

TEST(DecodeCommandTest, PrintsPacketsAndFrames) {
  const std::string packet =
      "decode 17505152535455565700000002080041f40000410000000568656c6c6f2bba6bb7 ";
  const CommandResult result = run_tool(packet + "--ids c0c1c2c3c4c5c6c7,5051525354555657");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("DATA"));
  EXPECT_THAT(result.output, HasSubstr("checksum=ok"));
  EXPECT_EQ(run_tool(packet + "--json").json()["packets"][0]["checksum"], "unverified");
  EXPECT_EQ(run_tool("decode 00").exit_code, 1);
}

TEST(DecodeCommandTest, ReadsACaptureFile) {
  // A file header, one record, raw IPv4 with an empty datagram.
  const CommandResult result = run_script(
      "printf "
      "'\\324\\303\\262\\241\\002\\000\\004\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000"
      "\\001\\000\\145\\000\\000\\000' > \"$DIR/a.pcap\"\n"
      "printf '\\001\\000\\000\\000\\000\\000\\000\\000\\034\\000\\000\\000\\034\\000\\000\\000' "
      ">> "
      "\"$DIR/a.pcap\"\n"
      "printf "
      "'\\105\\000\\000\\034\\000\\000\\100\\000\\100\\021\\000\\000\\012\\000\\000\\001\\012\\000"
      "\\000\\002\\003\\350\\007\\320\\000\\010\\000\\000' >> \"$DIR/a.pcap\"\n"
      "\"$HAWSER\" decode \"$DIR/a.pcap\" --json");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const auto json = result.json();
  ASSERT_FALSE(json.is_null()) << result.output;
  ASSERT_EQ(json["datagrams"].size(), 1U);
  EXPECT_EQ(json["datagrams"][0]["source"], "10.0.0.1:1000");
}

}  // namespace
}  // namespace hawser::cli
