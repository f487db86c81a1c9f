// All views of one run, fed by `hawser sim`.

#include "tools/seeing/run_view.h"

#include <set>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/temporary_folder.h"
#include "tools/hawser/packet_decoder.h"
#include "tools/hawser/pcap_reader.h"
#include "tools/hawser/report_text.h"
#include "tools/hawser/sim_options.h"

namespace hawser::seeing {
namespace {

using ::testing::HasSubstr;

constexpr char kRun[] =
    "--rtt 40ms --rate 20mbit --queue 1bdp --loss 2% --corrupt 1% --duplicate 1% --duration 1s "
    "--seed 6 --flow mode=bulk,connection=a/b "
    "--flow mode=messages,interval=2ms,connection=a/b,from=server --flow mode=pingpong";

// Runs it into `folder`.
cli::SimulationReport run(const std::string& arguments, const std::filesystem::path& folder) {
  RunView view(
      {.report = folder / "report.html", .qlog = folder / "qlog", .pcap = folder / "run.pcap"},
      netsim::EventQueue::kStart);
  EXPECT_EQ(view.error(), std::nullopt);
  const auto report = cli::simulate(
      cli::parse_simulation(arguments), [](Duration) { return false; }, &view);
  EXPECT_EQ(view.finish(cli::report_text(report, "hawser sim " + arguments)), std::nullopt);
  return report;
}

constexpr const char* kQlogs[] = {
    "qlog/connection-1-client.sqlog", "qlog/connection-1-server.sqlog",
    "qlog/connection-2-client.sqlog", "qlog/connection-2-server.sqlog"};

TEST(RunViewTest, LookingChangesNothing) {
  const TemporaryFolder folder;
  const auto unseen = cli::simulate(cli::parse_simulation(kRun));
  EXPECT_EQ(run(kRun, folder.path()).trace_hash, unseen.trace_hash);
}

TEST(RunViewTest, TheCapacityOfTheTransmitBufferDoesNotShow) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "1");
  std::filesystem::create_directories(folder / "64");
  run(std::string(kRun) + " --batch 1", folder / "1");
  run(std::string(kRun) + " --batch 64", folder / "64");
  for (const char* name : kQlogs) {
    const std::string one = read_file(folder / "1" / name);
    EXPECT_GT(one.size(), 600U) << name;
    EXPECT_EQ(one, read_file(folder / "64" / name)) << name;
  }
  EXPECT_EQ(read_file(folder / "1" / "run.pcap"), read_file(folder / "64" / "run.pcap"));
}

TEST(RunViewTest, EveryRecordOfQlogIsJsonAndTimeDoesNotGoBack) {
  const TemporaryFolder folder;
  const auto report = run(kRun, folder.path());
  std::istringstream lines(read_file(folder / kQlogs[0]));
  std::set<std::string> names;
  double time = 0;
  std::uint64_t sent = 0;
  for (std::string line; std::getline(lines, line);) {
    ASSERT_EQ(line.front(), '\x1E');
    const auto json = nlohmann::json::parse(line.substr(1));
    if (!json.contains("name")) continue;  // the head
    names.insert(json["name"].get<std::string>());
    EXPECT_GE(json["time"].get<double>(), time);
    time = json["time"].get<double>();
    if (json["name"] == "quic:packet_sent") ++sent;
  }
  EXPECT_THAT(names, testing::IsSupersetOf({"quic:connection_state_updated", "quic:packet_sent",
                                            "quic:packet_received", "quic:packet_dropped",
                                            "quic:packet_lost", "quic:recovery_metrics_updated",
                                            "quic:congestion_state_updated"}));
  EXPECT_EQ(sent, report.flows[0].stats.packets_sent);
}

TEST(RunViewTest, TheCaptureHoldsEveryDatagramAndDecodes) {
  const TemporaryFolder folder;
  const auto report = run(kRun, folder.path());
  const std::string text = read_file(folder / "run.pcap");
  const std::vector<std::uint8_t> file(text.begin(), text.end());
  cli::CaptureError error;
  const auto capture = cli::read_pcap(file, error);
  ASSERT_TRUE(capture) << error.line;
  // Each of them crosses one link.
  EXPECT_EQ(capture->datagrams.size(), report.packets_simulated);
  cli::PacketDecoder decoder;
  for (const cli::CapturedDatagram& datagram : capture->datagrams) {
    for (const auto& packet : decoder.decode(datagram.bytes)) {
      ASSERT_EQ(packet.value("checksum", "ok"), "ok") << packet.dump();
    }
  }
}

TEST(RunViewTest, TheCaptureHoldsCrossTrafficToo) {
  const TemporaryFolder folder;
  const auto report =
      run("--rate 5mbit --queue 50p --duration 1s --flow mode=messages,count=5 "
          "--cross rate=2mbit",
          folder.path());
  const std::string text = read_file(folder / "run.pcap");
  cli::CaptureError error;
  const auto capture = cli::read_pcap(std::vector<std::uint8_t>(text.begin(), text.end()), error);
  ASSERT_TRUE(capture) << error.line;
  EXPECT_GT(report.cross[0].sent, 0U);
  EXPECT_EQ(capture->datagrams.size(), report.packets_simulated);
}

TEST(RunViewTest, TheReportNamesItsCommandItsFlowsAndItsLinks) {
  const TemporaryFolder folder;
  const auto report = run(kRun, folder.path());
  const std::string page = read_file(folder / "report.html");
  EXPECT_THAT(page, HasSubstr(std::string("hawser sim ") + kRun));
  EXPECT_THAT(page, HasSubstr(fmt::format("{:016x}", report.trace_hash)));
  for (const char* name : {"\"a/b\"", "\"a/b, from server\"", "\"flow 3\"", "\"up\"", "\"down\""}) {
    EXPECT_THAT(page, HasSubstr(std::string("\"name\":") + name));
  }
}

TEST(RunViewTest, SaysBeforeTheRunWhatCannotBeWritten) {
  const TemporaryFolder folder;
  RunView view({.report = folder / "missing/report.html", .qlog = {}, .pcap = {}},
               netsim::EventQueue::kStart);
  EXPECT_EQ(view.error(), "--report " + (folder / "missing/report.html").string() +
                              ": cannot be written: No such file or directory");
}

}  // namespace
}  // namespace hawser::seeing
