#include "tools/seeing/qlog_writer.h"

#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/temporary_folder.h"
#include "tools/seeing/exact_text.h"

namespace hawser::seeing {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1s};
constexpr ConnectionHandle kFirst{7};

MetricsTrace metrics() {
  MetricsTrace metrics;
  metrics.rtt = {.latest = 61'500'001ns, .smoothed = 60ms, .min = 60ms};
  metrics.bytes_in_flight = ByteCount(2400);
  metrics.congestion.phase = "slow_start";
  metrics.congestion.congestion_window = ByteCount(12000);
  metrics.pacing_rate = Bandwidth::bits_per_second(1'600'000);
  return metrics;
}

// With '|' for the record separator, so that a failure can be read.
std::string with_marks(std::string text) {
  for (char& c : text) {
    if (c == '\x1E') c = '|';
  }
  return text;
}

// What the writer made of some events, behind the head.
template <typename Feed>
std::string written(Feed feed) {
  const TemporaryFolder folder;
  QlogWriter writer(folder / "a.sqlog", {.title = "flow 1", .is_client = true}, kStart);
  feed(writer);
  EXPECT_EQ(writer.file().commit(), std::error_code());
  const std::string text = with_marks(read_file(folder / "a.sqlog"));
  return text.substr(text.find('\n') + 1);
}

TEST(QlogWriterTest, TheFirstRecordSaysWhatTheFileIs) {
  const TemporaryFolder folder;
  QlogWriter writer(folder / "a.sqlog", {.title = "flow \"1\"", .is_client = false}, kStart);
  writer.file().commit();
  EXPECT_EQ(read_file(folder / "a.sqlog"),
            "\x1E"
            R"({"file_schema":"urn:ietf:params:qlog:file:sequential",)"
            R"("serialization_format":"application/qlog+json-seq","title":"flow \"1\"",)"
            R"("trace":{"common_fields":{"time_format":"relative_to_epoch",)"
            R"("reference_time":{"clock_type":"monotonic","epoch":"unknown"}},)"
            R"("vantage_point":{"type":"server"},)"
            R"("event_schemas":["urn:ietf:params:qlog:events:quic-12","urn:hawser:qlog:events"]}})"
            "\n");
}

TEST(QlogWriterTest, EachEventIsOneRecordInTheWordsOfTheSchema) {
  const std::string text = written([](QlogWriter& writer) {
    const auto at = [&](Duration time, const TraceEvent& event) {
      writer.on_event(kStart + time, kFirst, event);
    };
    at(0ns, StateTrace{.state = "handshaking"});
    at(0ns,
       PacketSentTrace{.number = PacketNumber(0), .bytes = ByteCount(1200), .is_handshake = true});
    at(30ms, PacketReceivedTrace{.number = PacketNumber(0),
                                 .bytes = ByteCount(60),
                                 .is_handshake = true,
                                 .is_retry = true});
    at(60ms, PacketReceivedTrace{
                 .number = PacketNumber(0), .bytes = ByteCount(139), .is_handshake = true});
    at(60ms, StateTrace{.state = "established"});
    at(60'000'001ns, PacketSentTrace{.number = PacketNumber(1),
                                     .bytes = ByteCount(300),
                                     .is_ack_eliciting = true,
                                     .is_probe = true,
                                     .has_message_bytes = true,
                                     .has_retransmission = true});
    at(120ms, PacketReceivedTrace{.number = PacketNumber(5), .bytes = ByteCount(40)});
    at(120ms, PacketDroppedTrace{ByteCount(40), "duplicates_dropped"});
    at(121ms, PacketLostTrace{PacketNumber(1), ByteCount(300), "threshold"});
    at(122ms, SpuriousLossTrace{PacketNumber(1)});
    at(123ms, EcnTrace{EcnState::off, EcnState::testing});
    at(123ms, PacketSentTrace{.number = PacketNumber(2),
                              .bytes = ByteCount(1472),
                              .is_ack_eliciting = true,
                              .is_mtu_probe = true});
    at(124ms, PacketLostTrace{PacketNumber(2), ByteCount(1472), "threshold", true});
    at(125ms, EcnTrace{EcnState::testing, EcnState::capable});
    at(125ms, DatagramSizeTrace{ByteCount(1200), ByteCount(1472)});
    at(3s, StateTrace{.state = "closed", .reason = CloseReason::idle_timeout});
  });
  EXPECT_EQ(text, with_marks(read_file(HAWSER_GOLDEN_QLOG)));
}

TEST(QlogWriterTest, MetricsTellOnlyWhatChanged) {
  const std::string text = written([](QlogWriter& writer) {
    MetricsTrace next = metrics();
    writer.on_event(kStart + 1ms, kFirst, next);
    writer.on_event(kStart + 2ms, kFirst, next);
    next.bytes_in_flight = ByteCount(1200);
    next.congestion.phase = "recovery";
    next.congestion.ssthresh = ByteCount(6000);
    next.pacing_rate = Bandwidth::infinite();
    writer.on_event(kStart + 3ms, kFirst, next);
  });
  std::vector<std::string> data;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    data.push_back(nlohmann::ordered_json::parse(line.substr(1))["data"].dump());
  }
  EXPECT_THAT(data,
              testing::ElementsAre(R"({"new":"slow_start"})",
                                   R"({"min_rtt":60,"smoothed_rtt":60,"latest_rtt":61.500001,)"
                                   R"("congestion_window":12000,"bytes_in_flight":2400,)"
                                   R"("pacing_rate":1600000})",
                                   R"({"old":"slow_start","new":"recovery"})",
                                   R"({"bytes_in_flight":1200,"ssthresh":6000})"));
}

TEST(QlogWriterTest, ConnectionsAreGroupsInTheOrderInWhichTheySpeak) {
  const std::string text = written([](QlogWriter& writer) {
    for (const auto connection : {kFirst, ConnectionHandle{3}, ConnectionHandle::none, kFirst}) {
      writer.on_event(kStart, connection, PacketDroppedTrace{ByteCount(1), "empty_dropped"});
    }
  });
  std::string groups;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line.substr(1));
    groups += json.value("group_id", "none") + " ";
  }
  EXPECT_EQ(groups, "1 2 none 1 ");
}

TEST(ExactTextTest, HoldsEveryNanosecondAndNoNeedlessZero) {
  EXPECT_EQ(exact_ms(0ns), "0");
  EXPECT_EQ(exact_ms(1ns), "0.000001");
  EXPECT_EQ(exact_ms(1'500us), "1.5");
  EXPECT_EQ(exact_ms(std::chrono::hours(10'000) + 1ns), "36000000000.000001");
}

}  // namespace
}  // namespace hawser::seeing
