#include "tools/netsim/fq_codel_queue.h"

#include <array>
#include <map>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/netsim/queue_harness.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr TimePoint kStart = QueueHarness::kStart;

class FqCodelQueueTest : public ::testing::Test {
 protected:
  void push(std::uint16_t flow, int count, std::size_t payload = 1172) {
    for (int i = 0; i < count; ++i) {
      queue_.push({harness_.make(flow, Ecn::not_ect, payload), kStart});
    }
  }
  /// The flows of the next ones.
  std::vector<int> pop(int count) {
    std::vector<int> flows;
    for (int i = 0; i < count; ++i) {
      const auto item = queue_.pop(kStart);
      flows.push_back(item ? item->datagram.source.port : 0);
    }
    return flows;
  }

  QueueHarness harness_;
  FqCodelQueue queue_{FqCodel{}, SeededRandom(1)};
};

TEST_F(FqCodelQueueTest, FlowsTakeTurns) {
  push(1, 4);
  push(2, 4);
  // A turn of 1514 bytes lets a second datagram of 1200 begin; the debt is paid in the next turn.
  EXPECT_EQ(pop(8), (std::vector<int>{1, 1, 2, 2, 1, 2, 1, 2}));
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(pop(1), std::vector<int>{0});
}

TEST_F(FqCodelQueueTest, ASparseFlowWaitsForNobody) {
  push(1, 100);
  pop(10);
  push(2, 1);
  EXPECT_EQ(pop(1), std::vector<int>{2}) << "a new flow comes first (RFC 8290 s4.2)";
  pop(10);
  push(2, 1);
  EXPECT_THAT(pop(3), ::testing::Contains(2)) << "one turn of the other at most";
}

TEST_F(FqCodelQueueTest, BytesAreSharedEvenlyWhateverTheSizes) {
  push(1, 1000, 1472);
  push(2, 6000, 172);
  std::map<std::uint16_t, std::int64_t> bytes;
  for (int i = 0; i < 1500; ++i) {
    const auto item = queue_.pop(kStart);
    bytes[item->datagram.source.port] += item->wire_size().value();
  }
  EXPECT_NEAR(static_cast<double>(bytes[1]), static_cast<double>(bytes[2]), 2 * 1514);
}

TEST_F(FqCodelQueueTest, AnUnresponsiveFlowHarmsItselfAlone) {
  // Flow 1 comes at three times the rate of the link, flow 2 at a quarter of it, for two seconds.
  std::array<int, 3> arrived{};
  for (int ms = 0; ms < 2000; ++ms) {
    const TimePoint now = kStart + ms * 1ms;
    for (int i = 0; i < 3; ++i) queue_.push({harness_.make(1), now});
    if (ms % 4 == 0) queue_.push({harness_.make(2), now});
    if (const auto item = queue_.pop(now)) {
      ++arrived[item->datagram.source.port];
      if (item->datagram.source.port == 2) {
        EXPECT_LE(now - item->offered, 2ms) << "two datagrams make a turn of the other";
      }
    }
  }
  EXPECT_EQ(arrived[2], 500);
  EXPECT_EQ(arrived[1], 1500);
  EXPECT_GT(queue_.tally().dropped, 100U);
}

TEST_F(FqCodelQueueTest, RoomIsMadeAtTheHeadOfTheLongestFlow) {
  push(1, 9);
  push(2, 200);
  EXPECT_TRUE(queue_.make_room());
  EXPECT_EQ(queue_.tally().overflowed, 64U) << "half of it, at most 64 (RFC 8290 s4.1)";
  EXPECT_TRUE(queue_.make_room());
  EXPECT_TRUE(queue_.make_room());
  EXPECT_EQ(queue_.tally().overflowed, 64U + 64U + 36U);
  EXPECT_EQ(queue_.tally().packets, 9 + 36);
  while (queue_.make_room()) {
  }
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(queue_.tally().overflowed, 209U);
  push(1, 1);
  EXPECT_EQ(pop(2), (std::vector<int>{1, 0}));
}

TEST_F(FqCodelQueueTest, GivesUpAllThatWaitsInTheOrderOfEachFlow) {
  push(1, 3);
  push(2, 3);
  pop(1);
  std::map<std::uint16_t, std::uint64_t> last_tag;
  int taken = 0;
  while (const auto item = queue_.take()) {
    std::uint64_t& last = last_tag[item->datagram.source.port];
    EXPECT_GT(item->datagram.tag, last);
    last = item->datagram.tag;
    ++taken;
  }
  EXPECT_EQ(taken, 5);
  EXPECT_EQ(queue_.tally().bytes, ByteCount(0));
}

TEST_F(FqCodelQueueTest, TheHashSpreadsFlows) {
  // 100 flows in 1024 queues: 4.6 pairs are expected to share one. Each flow that shares none
  // comes in the first round.
  for (std::uint16_t flow = 1; flow <= 100; ++flow) push(flow, 2);
  std::map<int, int> seen;
  for (const int flow : pop(200)) ++seen[flow];
  EXPECT_EQ(seen.size(), 100U);
  FqCodelQueue other({.queues = 1}, SeededRandom(1));
  for (const std::uint16_t flow : std::array<std::uint16_t, 3>{7, 8, 9})
    other.push({harness_.make(flow), kStart});
  EXPECT_EQ(other.pop(kStart)->datagram.source.port, 7) << "one queue: first in, first out";
  EXPECT_EQ(other.pop(kStart)->datagram.source.port, 8);
}

}  // namespace
}  // namespace hawser::netsim
