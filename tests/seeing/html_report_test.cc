#include "tools/seeing/html_report.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace hawser::seeing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr TimePoint kStart{1s};
constexpr ConnectionHandle kConnection{1};

ReportText some_text() {
  return {.title = "bulk over cubic",
          .command = "hawser sim --flow mode=bulk",
          .facts = {{"seed", "7"}},
          .tables = {{.caption = "Flows", .columns = {"flow", "lost"}, .rows = {{"flow 1", "0"}}}},
          .notes = {},
          .marks = {},
          .duration = 60s};
}

// What the page's script reads.
nlohmann::json data_of(const std::string& page) {
  const std::string begin = R"(<script type="application/json" id="run">)";
  const std::size_t from = page.find(begin) + begin.size();
  return nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

// A minute in which everything moves all the time, at one event in 10 ms.
void fill(RunRecorder& recorder) {
  for (std::size_t i = 0; i < RunRecorder::kSendersMax; ++i) recorder.add_sender("sender");
  for (std::size_t i = 0; i < RunRecorder::kFlowsMax; ++i) recorder.add_flow("flow");
  for (std::size_t i = 0; i < RunRecorder::kLinksMax; ++i) recorder.add_link("link");
  std::uint64_t noise = 1;
  const auto add = [&noise](TimeSeries& series) {
    for (int i = 0; i < 6000; ++i) {
      noise = noise * 6364136223846793005U + 1442695040888963407U;
      series.add(i * 10ms, static_cast<std::int64_t>(noise >> 20));
    }
  };
  recorder.for_each_series(add);
}

TEST(HtmlReportTest, IsOneWholePageThatNeedsNothingElse) {
  RunRecorder recorder(kStart);
  const std::string page = html_report(some_text(), recorder);
  EXPECT_THAT(page, testing::StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(page, testing::EndsWith("</html>\n"));
  for (const char* tag : {"html", "head", "body", "header", "main", "footer", "style", "script"}) {
    EXPECT_EQ(count(page, std::string("<") + tag + ">") + count(page, std::string("<") + tag + " "),
              count(page, std::string("</") + tag + ">"))
        << tag;
  }
  for (const char* load : {"http:", "https:", "src=", "@import", "url(", "fetch(", "{{", "}}<"}) {
    EXPECT_THAT(page, Not(HasSubstr(load)));
  }
}

TEST(HtmlReportTest, TextCannotEndItsElement) {
  RunRecorder recorder(kStart);
  ReportText text = some_text();
  text.title = "</script><b>\"\xFF";
  const std::string page = html_report(text, recorder);
  EXPECT_THAT(page, Not(HasSubstr("</script><b>")));
  EXPECT_EQ(data_of(page)["title"], "</script><b>\"\xEF\xBF\xBD") << "bytes that are no UTF-8";
}

TEST(HtmlReportTest, ASeriesIsThreeCharactersForEachNumber) {
  RunRecorder recorder(kStart);
  SenderRecord& sender = *recorder.add_sender("flow 1");
  MetricsTrace metrics;
  metrics.pacing_rate = Bandwidth::infinite();
  for (const int size : {1000, 3000}) {
    metrics.congestion.congestion_window = ByteCount(size);
    sender.on_event(kStart + 100us, kConnection, metrics);
  }
  const auto window = data_of(html_report(some_text(), recorder))["senders"][0]["window"];
  EXPECT_EQ(window["bucket_ns"], 50'000);
  EXPECT_EQ(window["low"], 1000);
  EXPECT_EQ(window["high"], 3000);
  // Two buckets without samples, then the least, the greatest, the mean.
  EXPECT_EQ(window["data"], "~~AAA___gAA");
}

TEST(HtmlReportTest, FewEventsKeepTheirTimes) {
  RunRecorder recorder(kStart);
  SenderRecord& sender = *recorder.add_sender("flow 1");
  sender.losses_declared.add(0ms, 10);
  sender.losses_declared.add(30s, 20);
  sender.losses_declared.add(60s, 30);
  const auto declared =
      data_of(html_report(some_text(), recorder))["senders"][0]["losses_declared"];
  EXPECT_EQ(declared["last_ns"], 60'000'000'000);
  EXPECT_EQ(declared["low"], 10);
  EXPECT_EQ(declared["high"], 30);
  // The time in four characters, the value in three.
  EXPECT_EQ(declared["samples"],
            "AAAAAAA"
            "gAAAgAA"
            "_______");
}

TEST(HtmlReportTest, EmptyBucketsInARowAreCounted) {
  RunRecorder recorder(kStart);
  SenderRecord& sender = *recorder.add_sender("flow 1");
  sender.sent.add(0us, 0);
  sender.sent.add(500us, 1);
  const auto sent = data_of(html_report(some_text(), recorder))["senders"][0]["sent"];
  EXPECT_EQ(sent["data"], "!AAA=AAJ!___");
}

TEST(HtmlReportTest, WhatWasDoneToThePathIsMarked) {
  RunRecorder recorder(kStart);
  ReportText text = some_text();
  text.marks = {{.at = 2s, .until = 3s, .what = "blackout"}};
  const auto marks = data_of(html_report(text, recorder))["marks"];
  EXPECT_EQ(marks.dump(), "[[2000000000,3000000000,\"blackout\"]]");
}

TEST(HtmlReportTest, KeepsItsSizeAndEverySample) {
  RunRecorder recorder(kStart);
  fill(recorder);
  const std::string page = html_report(some_text(), recorder);
  EXPECT_LE(page.size(), kReportSizeMax);
  EXPECT_GE(page.size(), kReportSizeMax / 3) << "coarser than it need be";
  std::int64_t losses = 0;
  for (const auto& bucket : recorder.senders().front().lost.buckets()) losses += bucket.count;
  EXPECT_EQ(losses, 6000);
}

}  // namespace
}  // namespace hawser::seeing
