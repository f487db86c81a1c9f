#include "tools/netsim/codel_queue.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/netsim/queue_harness.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr TimePoint kStart = QueueHarness::kStart;

TEST(CodelQueueTest, DropsAreSpacedByTheIntervalOverTheRootOfTheirCount) {
  // RFC 8289 s3.3, interval 100 ms.
  const auto spacing = [](std::uint64_t count) {
    return codel_next_drop(kStart, 100ms, count) - kStart;
  };
  EXPECT_EQ(spacing(1), 100ms);
  EXPECT_EQ(spacing(2), 70'710'678ns);
  EXPECT_EQ(spacing(3), 57'735'026ns);
  EXPECT_EQ(spacing(4), 50ms);
  EXPECT_EQ(spacing(100), 10ms);
}

/// Serves one datagram each millisecond from a line of four.
class CodelLineTest : public ::testing::Test {
 protected:
  /// Datagrams come `wait` late, so that each waits so long and up to 4 ms more.
  void serve(Duration from, Duration to, Duration wait, Ecn ecn = Ecn::not_ect) {
    for (Duration at = from; at < to; at += 1ms) {
      while (line_.packets() < 4) line_.push(harness_.make_queued(at - wait, 1, ecn), tally_);
      const std::uint64_t before = tally_.dropped + tally_.marked;
      last_ = line_.pop(kStart + at, config_, tally_);
      for (std::uint64_t i = before; i < tally_.dropped + tally_.marked; ++i) {
        judged_at_.push_back(at / 1ms);
      }
    }
  }

  Codel config_;
  QueueHarness harness_;
  QueueTally tally_;
  CodelLine line_;
  std::optional<QueuedDatagram> last_;
  std::vector<std::int64_t> judged_at_;  // ms
};

TEST_F(CodelLineTest, DropsNothingBelowTheTarget) {
  serve(1s, 3s, 1ms);
  EXPECT_EQ(tally_.dropped, 0U);
}

TEST_F(CodelLineTest, DropsAnIntervalAfterTheWaitRoseAndThenEverFaster) {
  serve(1000ms, 1400ms, 30ms);
  // 1100, and then each time 100 ms / sqrt(n) later, at the next whole millisecond.
  EXPECT_THAT(judged_at_, ElementsAre(1100, 1200, 1271, 1329, 1379));
}

TEST_F(CodelLineTest, AShortWaitEndsTheDroppingState) {
  serve(1000ms, 1250ms, 30ms);
  EXPECT_THAT(judged_at_, ElementsAre(1100, 1200));
  while (line_.take(tally_)) {
  }
  serve(1250ms, 1300ms, 1ms);
  while (line_.take(tally_)) {
  }
  judged_at_.clear();
  // Two drops are behind it, one more than the state began with: it begins with one again.
  serve(1300ms, 1550ms, 30ms);
  EXPECT_THAT(judged_at_, ElementsAre(1400, 1500));
}

TEST_F(CodelLineTest, ASecondDroppingStateSoonAfterBeginsNearTheRateOfTheFirst) {
  serve(1000ms, 1400ms, 30ms);
  ASSERT_EQ(judged_at_.size(), 5U);
  while (line_.take(tally_)) {
  }
  serve(1400ms, 1401ms, 1ms);
  while (line_.take(tally_)) {
  }
  judged_at_.clear();
  // Five drops, four of them since the state began: the next one is 100 ms / sqrt(4) later.
  serve(1401ms, 1600ms, 30ms);
  EXPECT_THAT(judged_at_, ElementsAre(1501, 1551, 1596));
}

TEST_F(CodelLineTest, TheLastDatagramIsNeverDropped) {
  for (Duration at = 1s; at < 3s; at += 10ms) {
    line_.push(harness_.make_queued(at - 50ms, 1), tally_);
    ASSERT_TRUE(line_.pop(kStart + at, config_, tally_).has_value());
  }
  EXPECT_EQ(tally_.dropped, 0U);
}

TEST_F(CodelLineTest, MarksWhatCanBeMarkedInsteadAtTheSameTimes) {
  serve(1000ms, 1400ms, 30ms, Ecn::ect0);
  EXPECT_THAT(judged_at_, ElementsAre(1100, 1200, 1271, 1329, 1379));
  EXPECT_EQ(tally_.dropped, 0U);
  EXPECT_EQ(tally_.marked, 5U);
  serve(1400ms, 1425ms, 30ms, Ecn::ect0);
  EXPECT_EQ(last_->datagram.ecn, Ecn::ce);
}

TEST_F(CodelLineTest, TheTallyHoldsWhatWaits) {
  serve(1000ms, 1400ms, 30ms);
  EXPECT_EQ(tally_.packets, line_.packets());
  EXPECT_EQ(tally_.bytes, line_.bytes());
  EXPECT_EQ(tally_.bytes, ByteCount(1200) * line_.packets());
  while (line_.take(tally_)) {
  }
  EXPECT_EQ(tally_.packets, 0);
  EXPECT_EQ(tally_.bytes, ByteCount(0));
}

}  // namespace
}  // namespace hawser::netsim
