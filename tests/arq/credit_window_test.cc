#include "arq/credit_window.h"

#include <chrono>

#include <gtest/gtest.h>

namespace hawser {
namespace {

using namespace std::chrono_literals;

constexpr ByteCount kilobytes(std::int64_t count) { return ByteCount(count * 1000); }

class CreditWindowTest : public testing::Test {
 protected:
  /// `bytes` are taken within `interval`, in ten steps.
  void take(ByteCount bytes, Duration interval) {
    for (int i = 0; i < 10; ++i) {
      now_ += interval / 10;
      taken_ += bytes / 10;
      window_.on_taken(now_, taken_, round_trip_);
    }
  }

  CreditWindow window_{kilobytes(100), kilobytes(5000)};
  TimePoint now_{1s};
  ByteCount taken_{0};
  Duration round_trip_ = 50ms;
};

TEST_F(CreditWindowTest, IsFourTimesWhatIsTakenInARoundTrip) {
  window_.on_taken(now_, taken_, round_trip_);
  take(kilobytes(80), 50ms);
  EXPECT_EQ(window_.size(), kilobytes(320));
  take(kilobytes(320), 50ms);
  EXPECT_EQ(window_.size(), kilobytes(1280));
}

TEST_F(CreditWindowTest, TellsWhenItGrew) {
  EXPECT_FALSE(window_.on_taken(now_, ByteCount(0), round_trip_));
  EXPECT_FALSE(window_.on_taken(now_ + 49ms, kilobytes(90), round_trip_));
  EXPECT_TRUE(window_.on_taken(now_ + 50ms, kilobytes(90), round_trip_));
  EXPECT_FALSE(window_.on_taken(now_ + 100ms, kilobytes(180), round_trip_));
}

TEST_F(CreditWindowTest, IsNeverLessThanBefore) {
  take(kilobytes(200), 50ms);
  const ByteCount grown = window_.size();
  take(kilobytes(1), 10s);
  EXPECT_EQ(window_.size(), grown);
}

TEST_F(CreditWindowTest, DoesNotGrowForWhatFitsFourTimes) {
  for (int i = 0; i < 20; ++i) take(kilobytes(25), 50ms);
  EXPECT_EQ(window_.size(), kilobytes(100));
}

TEST_F(CreditWindowTest, KeepsToItsMaximum) {
  take(kilobytes(100'000), 50ms);
  take(kilobytes(100'000), 50ms);
  EXPECT_EQ(window_.size(), kilobytes(5000));
  EXPECT_EQ(CreditWindow(kilobytes(9), kilobytes(5)).size(), kilobytes(5));
}

TEST_F(CreditWindowTest, WaitsForARoundTripTime) {
  round_trip_ = Duration::zero();
  take(kilobytes(1000), 50ms);
  EXPECT_EQ(window_.size(), kilobytes(100));
}

// 16 round trips without anything and then a large message are no large product.
TEST_F(CreditWindowTest, TakesALumpForWhatItIsOverTheTimeSinceTheLast) {
  window_.on_taken(now_, taken_, round_trip_);
  for (int i = 1; i < 16; ++i) window_.on_taken(now_ + i * 50ms, taken_, round_trip_);
  window_.on_taken(now_ + 800ms, kilobytes(1600), round_trip_);
  EXPECT_EQ(window_.size(), kilobytes(400));
}

TEST_F(CreditWindowTest, AveragesOverALongInterval) {
  window_.on_taken(now_, taken_, round_trip_);
  window_.on_taken(now_ + 500ms, kilobytes(400), round_trip_);
  EXPECT_EQ(window_.size(), kilobytes(160));
}

}  // namespace
}  // namespace hawser
