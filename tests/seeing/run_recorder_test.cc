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

// Later than any of its buckets could tell.
TEST(SenderRecordTest, KnowsExactlyWhenALostPacketWasSent) {
  SenderRecord sender("flow 1", kStart);
  for (int i = 0; i < 50'000; ++i)
    sender.on_event(kStart + i * 1200us, kConnection, packet(static_cast<std::uint64_t>(i)));
  sender.on_event(kStart + 60s, kConnection,
                  PacketLostTrace{PacketNumber(49'997), ByteCount(1000), "threshold"});
  EXPECT_GT(sender.sent.bucket_length(), 1200us);
  EXPECT_EQ(sender.lost.samples(), (std::vector<EventSeries::Sample>{{49'997 * 1200us, 49'997}}));
}

TEST(FlowRecordTest, ALargeMessageComesOverTheTimeSinceTheOneBefore) {
  FlowRecord flow("flow 1");
  flow.on_delivery(100ms, ByteCount(1000), 1ms);
  flow.on_delivery(150ms, ByteCount(64'000), 80ms);
  flow.on_delivery(2s, ByteCount(64'000), 1ms);
  flow.on_delivery(5s, ByteCount(64'000), 4s);
  EXPECT_EQ(at(flow.delivered_bytes, 125ms).count, at(flow.delivered_bytes, 140ms).count);
  EXPECT_GT(at(flow.delivered_bytes, 125ms).sum, 0);
  EXPECT_EQ(at(flow.delivered_bytes, 80ms).count, 0) << "before the one before";
  EXPECT_EQ(at(flow.delivered_bytes, 1900ms).count, 0) << "before it was due";
  EXPECT_EQ(at(flow.delivered_bytes, 3s).count, 0) << "a second at most";
  EXPECT_GT(at(flow.delivered_bytes, 4500ms).sum, 0);
  EXPECT_EQ(count_of(flow.latency), 4);
}

TEST(EventSeriesTest, KeepsItsSamplesUntilThereAreMany) {
  EventSeries series;
  series.add(2ms, 5);
  series.add(1ms, 7);
  EXPECT_EQ(series.samples(), (std::vector<EventSeries::Sample>{{1ms, 7}, {2ms, 5}}));
  for (std::size_t i = 0; i < EventSeries::kExactMax; ++i) series.add(3ms, 1);
  EXPECT_FALSE(series.has_samples());
  EXPECT_EQ(count_of(series), static_cast<std::int64_t>(EventSeries::kExactMax) + 2);
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

TEST(LinkRecordTest, ATracesCapacityIsThatOfItsOpportunities) {
  LinkRecord link("up");
  const auto trace = *netsim::RateTrace::from({1ms, 1ms, 5ms});
  link.note_opportunities(2ms, trace);
  link.note_opportunities(7ms, trace);
  EXPECT_EQ(at(link.opportunity_bytes, 1ms).sum, 2 * 1504);
  EXPECT_EQ(at(link.opportunity_bytes, 5ms).sum, 1504);
  EXPECT_EQ(at(link.opportunity_bytes, 6ms).sum, 2 * 1504);
  EXPECT_EQ(count_of(link.opportunity_bytes), 5);
  link.on_dropped_later(8ms, 2);
  EXPECT_EQ(count_of(link.dropped_by_queue), 2);
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
