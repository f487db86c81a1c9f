#include "tools/netsim/bottleneck.h"

#include <string>

#include <gtest/gtest.h>

#include "hawser/netsim/event_queue.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;
using Verdict = Bottleneck::Verdict;

constexpr TimePoint kStart = EventQueue::kStart;

// 10 Mbit/s and 1172-byte payloads: 1200 bytes on the wire, 960 us each.
class BottleneckTest : public ::testing::Test {
 protected:
  BottleneckTest() { config_.rate = Bandwidth::bits_per_second(10'000'000); }

  /// Pushes what is accepted, and returns the verdicts as letters.
  std::string push(Duration at, int count, std::size_t size = 1172) {
    bottleneck_.configure(kStart + at, config_);
    std::string verdicts;
    for (int i = 0; i < count; ++i) {
      drain(at);
      Datagram datagram;
      datagram.bytes = Buffer::allocate(pool_, size);
      datagram.ecn = Ecn::ect0;
      const Verdict verdict = bottleneck_.admit(kStart + at, datagram);
      verdicts += verdict == Verdict::full ? 'f' : verdict == Verdict::marked ? 'm' : 'a';
      if (verdict != Verdict::full) bottleneck_.push({std::move(datagram), kStart + at});
    }
    drain(at);
    return verdicts;
  }
  void drain(Duration at) {
    while (auto departure = bottleneck_.poll(kStart + at)) last_end_ = departure->sent - kStart;
  }

  MemoryPool pool_;
  LinkConfig config_;
  Bottleneck bottleneck_;
  Duration last_end_{0};
};

TEST_F(BottleneckTest, AThousandDatagramsTakeExactlyTheirTime) {
  push(0ms, 1000);
  drain(10s);
  EXPECT_EQ(last_end_, 960ms);
  EXPECT_EQ(bottleneck_.figures(kStart + 10s).busy, 960ms);
}

TEST_F(BottleneckTest, AnIdleLinkBeginsAtOnce) {
  EXPECT_EQ(bottleneck_.next_end(), kNever);
  push(5ms, 1);
  EXPECT_EQ(last_end_, 5960us);
  push(7ms, 1);
  EXPECT_EQ(last_end_, 7960us);
}

TEST_F(BottleneckTest, PacketLimitCountsThoseThatWait) {
  config_.queue.packets = 2;
  EXPECT_EQ(push(0ms, 5), "aaaff");
  EXPECT_EQ(push(959us, 1), "f");
  EXPECT_EQ(push(960us, 2), "af");
  config_.queue.packets = 0;
  EXPECT_EQ(push(100ms, 2), "af");
}

TEST_F(BottleneckTest, ByteLimitIsExact) {
  config_.queue.bytes = ByteCount(2400);
  EXPECT_EQ(push(0ms, 5), "aaaff");
  config_.queue.bytes = ByteCount(2399);
  EXPECT_EQ(push(100ms, 5), "aafff");
  EXPECT_EQ(push(100ms, 1, 1171), "a") << "1199 bytes fit beside 1200";
}

TEST_F(BottleneckTest, TimeLimitIsTheWaitBeforeTheOwnTurn) {
  config_.queue.time = 1920us;
  EXPECT_EQ(push(0ms, 5), "aaaff");
  config_.queue.time = 1920us - 1ns;
  EXPECT_EQ(push(100ms, 5), "aafff");
  EXPECT_EQ(push(100ms + 1ns, 1), "a") << "one nanosecond later the wait is one shorter";
}

TEST_F(BottleneckTest, MarksWhereAByteLimitWouldDrop) {
  config_.ecn_mark = ByteCount(2400);
  EXPECT_EQ(push(0ms, 5), "aaamm");
  config_.queue.bytes = ByteCount(3600);
  EXPECT_EQ(push(100ms, 6), "aaamff");
}

TEST_F(BottleneckTest, ANewRateHoldsForWhatWaits) {
  push(0ms, 3);
  config_.rate = Bandwidth::bits_per_second(20'000'000);
  bottleneck_.configure(kStart, config_);
  drain(10s);
  EXPECT_EQ(last_end_, 960us + 480us + 480us);
  config_.rate = Bandwidth::infinite();
  push(20s, 1);
  EXPECT_EQ(last_end_, 20s);
}

TEST_F(BottleneckTest, MeasuresWaitsAndBusyTime) {
  push(0ms, 3);
  drain(10ms);
  Bottleneck::Figures figures = bottleneck_.figures(kStart + 10ms);
  EXPECT_EQ(figures.wait_max, 1920us);
  EXPECT_EQ(figures.wait_sum, 2880us);
  EXPECT_EQ(figures.waits, 3);
  EXPECT_EQ(figures.busy, 2880us);

  push(20ms, 1);
  EXPECT_EQ(bottleneck_.figures(kStart + 20ms + 100us).busy, 2980us) << "what has passed of it";
  bottleneck_.start_averages(kStart + 20ms + 100us);
  figures = bottleneck_.figures(kStart + 30ms);
  EXPECT_EQ(figures.busy, 860us);
  EXPECT_EQ(figures.waits, 0);
  EXPECT_EQ(figures.wait_max, 1920us) << "the maximum is of the whole run";
}

TEST_F(BottleneckTest, AskingMoreOftenChangesNothing) {
  const auto last_end = [](Duration step) {
    MemoryPool pool;
    LinkConfig config;
    config.rate = Bandwidth::bits_per_second(7'000'000);
    Bottleneck bottleneck;
    bottleneck.configure(kStart, config);
    Duration end{0};
    for (Duration at{0}; at < 100ms; at += step) {
      if (at % 1ms == 0ms) {
        Datagram datagram;
        datagram.bytes = Buffer::allocate(pool, 1000);
        bottleneck.push({std::move(datagram), kStart + at});
      }
      while (auto departure = bottleneck.poll(kStart + at)) end = departure->sent - kStart;
    }
    while (auto departure = bottleneck.poll(kStart + 1h)) end = departure->sent - kStart;
    return end;
  };
  EXPECT_EQ(last_end(1ms), last_end(10us));
}

}  // namespace
}  // namespace hawser::netsim
