#include "tools/seeing/run_recorder.h"

#include <string>

#include <gtest/gtest.h>

namespace hawser::seeing {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1s};
constexpr ConnectionHandle kConnection{1};

std::int64_t count_of(const TimeSeries& series) {
  std::int64_t count = 0;
  for (const TimeSeries::Bucket& bucket : series.buckets()) count += bucket.count;
  return count;
}

// The series' bucket at a time.
TimeSeries::Bucket at(const TimeSeries& series, Duration time) {
  return series.buckets()[static_cast<std::size_t>(time / series.bucket_length())];
}

PacketSentTrace packet(std::uint64_t number) {
  return {.number = PacketNumber(number), .bytes = ByteCount(1000), .is_ack_eliciting = true};
}

TEST(SenderRecordTest, PutsALossWhereThePacketWasSentAndWhereItWasDeclared) {
  SenderRecord sender("flow 1", kStart);
  sender.on_event(kStart + 10ms, kConnection, packet(1));
  sender.on_event(kStart + 20ms, kConnection, packet(2));
  sender.on_event(kStart + 80ms, kConnection,
                  PacketLostTrace{PacketNumber(1), ByteCount(1000), "threshold"});
  EXPECT_EQ(at(sender.lost, 10ms).greatest, 1);
  EXPECT_EQ(at(sender.losses_declared, 80ms).count, 1);
  sender.on_event(kStart + 90ms, kConnection, SpuriousLossTrace{PacketNumber(1)});
  EXPECT_EQ(at(sender.disproved, 10ms).greatest, 1);
}

TEST(SenderRecordTest, TheFlightGrowsWithEachPacketAndIsSetByTheMetrics) {
  SenderRecord sender("flow 1", kStart);
  sender.on_event(kStart, kConnection, packet(1));
  sender.on_event(kStart, kConnection, packet(2));
  MetricsTrace metrics;
  metrics.bytes_in_flight = ByteCount(1000);
  metrics.pacing_rate = Bandwidth::infinite();
  sender.on_event(kStart + 1ms, kConnection, metrics);
  sender.on_event(kStart + 2ms, kConnection, packet(3));
  EXPECT_EQ(at(sender.in_flight, 0ms).greatest, 2000);
  EXPECT_EQ(at(sender.in_flight, 1ms).greatest, 1000);
  EXPECT_EQ(at(sender.in_flight, 2ms).greatest, 2000);
  EXPECT_EQ(count_of(sender.pacing_rate), 0) << "there was none";
  EXPECT_EQ(count_of(sender.latest_rtt), 0) << "no sample yet";
}

TEST(SenderRecordTest, FollowsOneConnectionUntilItIsClosed) {
  SenderRecord sender("flow 1", kStart);
  sender.on_event(kStart, kConnection, packet(1));
  sender.on_event(kStart, ConnectionHandle{2}, packet(1));
  EXPECT_EQ(count_of(sender.sent), 1);
  sender.on_event(kStart, kConnection, StateTrace{.state = "closed"});
  sender.on_event(kStart, ConnectionHandle{3}, packet(1));
  EXPECT_EQ(count_of(sender.sent), 2);
}

TEST(LinkRecordTest, KnowsTheWaitOfWhatTheQueueTook) {
  LinkRecord link("up");
  const Bandwidth rate = Bandwidth::bits_per_second(8 * 28'000);  // one empty datagram: 1 ms
  const netsim::Datagram datagram;
  const auto offer = [&](Duration time, Duration wait, netsim::Outcome outcome) {
    link.on_offered({time, 0, {.outcome = outcome}, datagram}, {.rate = rate, .wait = wait});
  };
  for (int i = 0; i < 3; ++i) offer(0ms, 1ms * i, netsim::Outcome::passed);
  offer(0ms, 3ms, netsim::Outcome::queue_full);
  offer(0ms, 3ms, netsim::Outcome::dropped_early);
  offer(0ms, 3ms, netsim::Outcome::lost);
  offer(2500us, 500us, netsim::Outcome::passed);
  EXPECT_EQ(at(link.wait, 0ms).greatest, (2ms / 1ns));
  EXPECT_EQ(at(link.wait, 2500us).greatest, (500us / 1ns));
  EXPECT_EQ(count_of(link.dropped_by_queue), 2);
  EXPECT_EQ(count_of(link.lost), 1);
  EXPECT_EQ(at(link.carried_bytes, 3ms).count, 1) << "carried when its turn has come";
}

TEST(RunRecorderTest, TakesAsManyAsAPictureCanShow) {
  RunRecorder recorder(kStart);
  for (std::size_t i = 0; i < RunRecorder::kSendersMax; ++i) {
    EXPECT_NE(recorder.add_sender("sender"), nullptr);
  }
  EXPECT_EQ(recorder.add_sender("one too many"), nullptr);
  EXPECT_EQ(recorder.senders().size(), RunRecorder::kSendersMax);
}

TEST(DurationHistogramTest, ClassesAreNarrowAndLoseNothing) {
  DurationHistogram histogram;
  for (const Duration value : {0ns, 31ns, 32ns, 100'000'000ns}) histogram.add(value);
  EXPECT_EQ(histogram.count(), 4U);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < DurationHistogram::kClasses; ++i) {
    const std::uint64_t count = histogram.classes()[i];
    sum += count;
    if (count == 0 || i < 32) continue;
    const Duration width = DurationHistogram::lowest_of(i + 1) - DurationHistogram::lowest_of(i);
    EXPECT_LE(width * 16, DurationHistogram::lowest_of(i));
  }
  EXPECT_EQ(sum, 4U);
  EXPECT_EQ(DurationHistogram::lowest_of(33), 34ns);
}

}  // namespace
}  // namespace hawser::seeing
