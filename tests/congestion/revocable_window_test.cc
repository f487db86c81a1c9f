#include "congestion/revocable_window.h"

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

constexpr WindowFraction kHalf{1, 2};

RevocableWindow window_of(std::int64_t packets) {
  return RevocableWindow(CongestionConfig{.initial_window = datagrams(packets)});
}

// RFC 9002 s7.3.2, s7.1: a loss and a mark of one round trip are one event.
TEST(RevocableWindowTest, ReducesOncePerRoundTrip) {
  RevocableWindow window = window_of(64);
  EXPECT_TRUE(window.on_loss(loss(at(100ms), at(10ms)), kHalf));
  EXPECT_EQ(window.size(), datagrams(32));
  EXPECT_FALSE(window.on_loss(loss(at(110ms), at(90ms)), kHalf));
  EXPECT_FALSE(window.on_loss(loss(at(120ms), at(100ms), LossKind::ecn_ce), kHalf));
  EXPECT_EQ(window.size(), datagrams(32));
  EXPECT_TRUE(window.on_loss(loss(at(210ms), at(101ms)), kHalf));
  EXPECT_EQ(window.size(), datagrams(16));
}

// RFC 9002 s7.6.2. The loss that persistent congestion consists of has been told before.
TEST(RevocableWindowTest, CollapsesOnPersistentCongestion) {
  RevocableWindow window = window_of(64);
  EXPECT_TRUE(window.on_loss(loss(at(3s), at(10ms)), kHalf));
  EXPECT_TRUE(window.on_loss(loss(at(3s), at(10ms), LossKind::persistent), kHalf));
  EXPECT_EQ(window.size(), datagrams(4));
  EXPECT_EQ(window.ssthresh(), datagrams(32));
}

TEST(RevocableWindowTest, RestoresAllThatAReductionChanged) {
  RevocableWindow window = window_of(64);
  window.on_loss(loss(at(3s), at(10ms), LossKind::persistent), kHalf);
  window.on_spurious_loss(spurious(false));
  EXPECT_EQ(window.size(), datagrams(4));
  window.on_spurious_loss(spurious(true));
  EXPECT_EQ(window.size(), datagrams(64));
  EXPECT_EQ(window.ssthresh(), ByteCount::max());
  EXPECT_EQ(window.phase(), "slow_start");
  EXPECT_TRUE(window.is_new_episode(at(20ms)));
}

TEST(RevocableWindowTest, RestoresOnce) {
  RevocableWindow window = window_of(64);
  window.on_loss(loss(at(100ms), at(10ms)), kHalf);
  window.on_spurious_loss(spurious(true));
  window.shrink(datagrams(20));
  window.on_spurious_loss(spurious(true));
  EXPECT_EQ(window.size(), datagrams(44));
}

TEST(RevocableWindowTest, KeepsAWindowThatOutgrewTheOldOne) {
  RevocableWindow window = window_of(64);
  window.on_loss(loss(at(100ms), at(10ms)), kHalf);
  window.grow(datagrams(40));
  window.on_spurious_loss(spurious(true));
  EXPECT_EQ(window.size(), datagrams(72));
}

TEST(RevocableWindowTest, DoesNotRestoreWhatAMarkConfirmed) {
  RevocableWindow window = window_of(64);
  window.on_loss(loss(at(100ms), at(10ms)), kHalf);
  window.on_loss(loss(at(110ms), at(20ms), LossKind::ecn_ce), kHalf);
  window.on_spurious_loss(spurious(true));
  EXPECT_EQ(window.size(), datagrams(32));
}

TEST(RevocableWindowTest, DoesNotRestoreWhatItsControllerConfirmed) {
  RevocableWindow window = window_of(64);
  window.on_loss(loss(at(100ms), at(10ms)), kHalf);
  window.confirm_reduction();
  window.on_spurious_loss(spurious(true));
  EXPECT_EQ(window.size(), datagrams(32));
}

TEST(RevocableWindowTest, StartsAfreshOnANewPath) {
  RevocableWindow window = window_of(64);
  window.on_loss(loss(at(100ms), at(10ms)), kHalf);
  window.on_path_change(new_path(at(1s), kDatagram));
  EXPECT_EQ(window.size(), datagrams(64));
  EXPECT_EQ(window.phase(), "slow_start");
  window.shrink(datagrams(4));
  window.on_spurious_loss(spurious(true));  // of the old path
  EXPECT_EQ(window.size(), datagrams(60));
  EXPECT_FALSE(window.on_loss(loss(at(1100ms), at(900ms)), kHalf));  // sent on the old path
}

TEST(RevocableWindowTest, RestoresAfterTheDatagramSizeChanged) {
  RevocableWindow window = window_of(64);
  window.on_loss(loss(at(100ms), at(10ms)), kHalf);
  window.on_path_change(new_datagram_size(ByteCount(600)));
  window.on_spurious_loss(spurious(true));
  EXPECT_EQ(window.size(), datagrams(64));
  EXPECT_EQ(window.limits().datagram_size, ByteCount(600));
}

TEST(RevocableWindowTest, KeepsItsBytesWhenTheDatagramSizeChanges) {
  RevocableWindow window = window_of(64);
  window.on_loss(loss(at(100ms), at(10ms)), kHalf);
  window.on_path_change(new_datagram_size(ByteCount(600)));
  EXPECT_EQ(window.size(), datagrams(32));
  EXPECT_EQ(window.limits().datagram_size, ByteCount(600));
}

}  // namespace
}  // namespace hawser
