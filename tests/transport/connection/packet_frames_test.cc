#include "transport/connection/packet_frames.h"

#include <algorithm>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transport/wire/frame_layout.h"

namespace hawser {
namespace {

using testing::ElementsAre;

// So many PATH_CHALLENGE frames, which carry 0, 1, 2 ...
std::vector<std::uint8_t> challenges(int count) {
  std::vector<std::uint8_t> payload;
  for (int i = 0; i < count; ++i) {
    payload.push_back(static_cast<std::uint8_t>(wire::FrameType::path_challenge));
    payload.insert(payload.end(), 8, static_cast<std::uint8_t>(i));
  }
  return payload;
}

int number_of(const wire::Frame& frame) {
  return std::get<wire::PathChallengeFrame>(frame).data.front();
}

TEST(PacketFramesTest, ShowsEveryFrameTwiceInItsOrder) {
  for (const int count : {1, 3, 4, 9}) {
    const std::vector<std::uint8_t> payload = challenges(count);
    PacketFrames frames(payload);
    std::vector<int> looked;
    std::vector<int> taken;
    EXPECT_TRUE(frames.read([&](const wire::Frame& frame) { looked.push_back(number_of(frame)); }));
    frames.for_each([&](const wire::Frame& frame) {
      taken.push_back(number_of(frame));
      return true;
    });
    EXPECT_EQ(std::ssize(looked), count);
    EXPECT_TRUE(std::ranges::is_sorted(looked));
    EXPECT_EQ(taken, looked);
  }
}

TEST(PacketFramesTest, StopsWhereItIsTold) {
  const std::vector<std::uint8_t> payload = challenges(6);
  for (const int last : {1, 4}) {
    PacketFrames frames(payload);
    ASSERT_TRUE(frames.read([](const wire::Frame&) {}));
    int taken = -1;
    frames.for_each([&](const wire::Frame& frame) { return ++taken, number_of(frame) != last; });
    EXPECT_EQ(taken, last);
  }
}

TEST(PacketFramesTest, RefusesWhatIsNotMadeOfFrames) {
  PacketFrames none({});
  EXPECT_FALSE(none.read([](const wire::Frame&) { ADD_FAILURE() << "there is none"; }));

  std::vector<std::uint8_t> cut = challenges(5);
  cut.pop_back();
  PacketFrames frames(cut);
  std::vector<int> looked;
  EXPECT_FALSE(frames.read([&](const wire::Frame& frame) { looked.push_back(number_of(frame)); }));
  EXPECT_THAT(looked, ElementsAre(0, 1, 2, 3));
}

}  // namespace
}  // namespace hawser
