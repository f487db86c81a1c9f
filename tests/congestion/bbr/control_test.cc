#include "congestion/bbr/control.h"

#include <gtest/gtest.h>

#include "tests/congestion/bbr/samples.h"

namespace hawser::bbr {
namespace {

using namespace std::chrono_literals;

Model unknown_path() {
  return Model(WindowLimits({.initial_window = datagrams(10), .window_min = datagrams(4)}), 2);
}
Model full_path() {
  Model model = model_of(mbit(96), 20ms);  // 200 datagrams
  model.full_pipe.set_full();
  return model;
}

// ---- Pacing ------------------------------------------------------------------------------------

// draft-ietf-ccwg-bbr s5.6.2: 2.77 x 12,000 B in the round trip, or in 1 ms.
TEST(ControlTest, StartsWithTheInitialWindowInARoundTrip) {
  const Model model = unknown_path();
  const Control control(model.limits);
  EXPECT_EQ(control.pacing_rate(model, 20ms), Bandwidth::bits_per_second(13'296'000));
  EXPECT_EQ(control.pacing_rate(model, 0ms), Bandwidth::bits_per_second(265'920'000));
}

TEST(ControlTest, PacesOnePercentBelowTheGainTimesTheBandwidth) {
  const Model model = full_path();
  Control control(model.limits);
  control.set_pacing_rate(model, {100}, 20ms);
  EXPECT_EQ(control.pacing_rate(model, 20ms), Bandwidth::bits_per_second(95'040'000));
  control.set_pacing_rate(model, {50}, 20ms);
  EXPECT_EQ(control.pacing_rate(model, 20ms), Bandwidth::bits_per_second(47'520'000));
}

TEST(ControlTest, BeforeThePipeWasFullTheRateOnlyRises) {
  Model model = model_of(mbit(1), 20ms);
  Control control(model.limits);
  control.set_pacing_rate(model, {277}, 20ms);
  EXPECT_EQ(control.pacing_rate(model, 20ms), Bandwidth::bits_per_second(13'296'000));
  model.max_bandwidth.on_ack(sample_of(mbit(10)));
  control.set_pacing_rate(model, {277}, 20ms);
  EXPECT_EQ(control.pacing_rate(model, 20ms), Bandwidth::bits_per_second(27'423'000));
}

// s5.6.3.
TEST(ControlTest, AMillisecondLeavesInOneGoWithinBounds) {
  EXPECT_EQ(Control::send_quantum(mbit(96), kDatagram), ByteCount(12'000));
  EXPECT_EQ(Control::send_quantum(mbit(1), kDatagram), ByteCount(2400));
  EXPECT_EQ(Control::send_quantum(mbit(10'000), kDatagram), ByteCount(65'536));
}

// ---- Window ------------------------------------------------------------------------------------

// s5.6.4.6.
TEST(ControlTest, TheWindowGrowsByWhatIsAcknowledgedUpToTheVolume) {
  const Model model = full_path();
  Control control(model.limits);
  EXPECT_EQ(control.window(), datagrams(10));
  control.set_window(model, {.gain = {200}}, sender_at(0ms, 1000), datagrams(300));
  EXPECT_EQ(control.window(), datagrams(310));
  control.set_window(model, {.gain = {200}}, sender_at(0ms, 1300), datagrams(300));
  EXPECT_EQ(control.window(), datagrams(400));
}

TEST(ControlTest, TheWindowFallsToTheVolumeAtOnce) {
  const Model model = full_path();
  Control control(model.limits);
  control.set_window(model, {.gain = {200}}, sender_at(0ms, 1000), datagrams(1000));
  control.set_window(model, {.gain = {50}}, sender_at(0ms, 2000), datagrams(1));
  EXPECT_EQ(control.window(), datagrams(100));
}

TEST(ControlTest, TheVolumeIncludesTheExcessAndTwoDatagramsWhileProbingUp) {
  Model model = full_path();
  model.aggregation.on_ack(sender_at(0ms), datagrams(30), {.bandwidth = mbit(96), .round = 0});
  Control control(model.limits);
  control.set_window(model, {.gain = {200}}, sender_at(0ms, 1000), datagrams(1000));
  EXPECT_EQ(control.window(), datagrams(430));
  control.set_window(model, {.gain = {225}, .is_probing_up = true}, sender_at(0ms, 2000),
                     datagrams(1000));
  EXPECT_EQ(control.window(), datagrams(482));
}

TEST(ControlTest, CapsHoldTheWindowDownButNotBelowTheMinimum) {
  Model model = full_path();
  Control control(model.limits);
  const SenderState sender = sender_at(0ms, 1000);
  control.set_window(model, {.gain = {200}, .cap = datagrams(150)}, sender, datagrams(1000));
  EXPECT_EQ(control.window(), datagrams(150));
  model.short_term.lower(round_with(mbit(1), datagrams(120)), mbit(96), datagrams(150));
  control.set_window(model, {.gain = {200}, .cap = datagrams(150)}, sender, datagrams(1));
  EXPECT_EQ(control.window(), datagrams(120));
  control.set_window(model, {.gain = {200}, .cap = datagrams(1)}, sender, datagrams(1));
  EXPECT_EQ(control.window(), datagrams(4));
}

// Before the pipe was full the window does not fall; and a model made of less than an initial
// window of samples does not hold it.
TEST(ControlTest, BeforeThePipeWasFullTheVolumeIsReachedNotKept) {
  const Model model = model_of(mbit(1), 20ms);  // two datagrams
  Control control(model.limits);
  control.set_window(model, {.gain = {200}}, sender_at(0ms, 1005), datagrams(5));
  EXPECT_EQ(control.window(), datagrams(15));
  control.set_window(model, {.gain = {200}}, sender_at(0ms, 1010), datagrams(5));
  EXPECT_EQ(control.window(), datagrams(15));
}

// s5.6.4.4.
TEST(ControlTest, ASavedWindowComesBack) {
  const Model model = full_path();
  Control control(model.limits);
  control.set_window(model, {.gain = {200}}, sender_at(0ms, 1000), datagrams(1000));
  control.save_window(false);
  control.collapse(model, datagrams(2));
  EXPECT_EQ(control.window(), datagrams(4));
  control.save_window(true);  // cut already: what was saved stays
  control.restore_window();
  EXPECT_EQ(control.window(), datagrams(400));
}

TEST(ControlTest, ACollapseLeavesRoomForOneMoreDatagram) {
  const Model model = full_path();
  Control control(model.limits);
  control.set_window(model, {.gain = {200}}, sender_at(0ms, 1000), datagrams(1000));
  control.collapse(model, datagrams(20));
  EXPECT_EQ(control.window(), datagrams(21));
}

}  // namespace
}  // namespace hawser::bbr
