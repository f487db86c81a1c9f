#include "transport/connection/path_validator.h"

#include <gtest/gtest.h>

namespace hawser {
namespace {

using namespace std::chrono_literals;

const SocketAddress kServer = SocketAddress::ipv4({192, 0, 2, 2}, 9000);
const SocketAddress kClient = SocketAddress::ipv4({192, 0, 2, 1}, 40000);
const SocketAddress kOtherPort = SocketAddress::ipv4({192, 0, 2, 1}, 40001);
const SocketAddress kOtherHost = SocketAddress::ipv4({198, 51, 100, 7}, 40000);
constexpr TimePoint kNow{1s};
constexpr Duration kTimeout = 100ms;
constexpr ByteCount kPacket{100};

class PathValidatorTest : public ::testing::Test {
 protected:
  NetworkPath from(const SocketAddress& remote) const { return {kServer, remote}; }
  SeededRandom random_{1};
  PathValidator paths_{{kServer, kClient}};
};

TEST_F(PathValidatorTest, KeepsThePathUntilTheChallengeIsAnswered) {
  paths_.on_other_path(from(kOtherHost), kPacket, random_);
  const auto challenge = paths_.take_probe(kNow, kTimeout);
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->path.remote, kOtherHost);
  EXPECT_EQ(paths_.current().remote, kClient);
  PathChallengeData wrong = challenge->data;
  wrong[0] ^= 1;
  EXPECT_FALSE(paths_.on_response(kNow, wrong));
  const auto change = paths_.on_response(kNow, challenge->data);
  ASSERT_TRUE(change);
  EXPECT_FALSE(change->only_port_changed);
  EXPECT_EQ(paths_.current().remote, kOtherHost);
}

TEST_F(PathValidatorTest, TellsAPortChangeFromAnotherHost) {
  paths_.on_other_path(from(kOtherPort), kPacket, random_);
  const auto challenge = paths_.take_probe(kNow, kTimeout);
  const auto change = paths_.on_response(kNow, challenge->data);
  ASSERT_TRUE(change);
  EXPECT_TRUE(change->only_port_changed);
}

TEST_F(PathValidatorTest, DoesNotAcceptAResponseToAChallengeNeverSent) {
  EXPECT_FALSE(paths_.on_response(kNow, PathChallengeData{}));
  paths_.on_other_path(from(kOtherHost), kPacket, random_);
  EXPECT_FALSE(paths_.on_response(kNow, PathChallengeData{}));
}

// RFC 9000 s8.2.4: a path of unknown length gets three of the initial probe timeouts, however short
// the old path's is.
TEST_F(PathValidatorTest, RepeatsTheChallengeWithBackoffAndGivesUp) {
  paths_.on_other_path(from(kOtherHost), ByteCount(1000), random_);
  TimePoint now = kNow;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(paths_.take_probe(now, kTimeout)) << i;
    const TimePoint end = kNow + 3 * PathValidator::kUnknownProbeTimeout;
    EXPECT_EQ(paths_.deadline(), std::min(now + kTimeout * (1 << i), end));
    now = paths_.deadline();
    paths_.on_timeout(now);
  }
  EXPECT_EQ(now, kNow + 2997ms);
  EXPECT_FALSE(paths_.has_probe());
  EXPECT_EQ(paths_.deadline(), kNever);
  EXPECT_EQ(paths_.current().remote, kClient);
}

// RFC 9000 s8.1: whoever forged the address makes us send no more than that.
TEST_F(PathValidatorTest, SendsAtMostThreeTimesWhatCame) {
  paths_.on_other_path(from(kOtherHost), ByteCount(30), random_);
  ASSERT_TRUE(paths_.take_probe(kNow, kTimeout));
  paths_.on_timeout(kNow + kTimeout);
  EXPECT_FALSE(paths_.has_probe());
  paths_.on_other_path(from(kOtherHost), ByteCount(30), random_);
  EXPECT_TRUE(paths_.has_probe());
}

// RFC 9000 s8.1: 1200 bytes of an INIT's size allow 3600.
TEST_F(PathValidatorTest, SendsAtMost3600BytesFor1200) {
  paths_.on_other_path(from(kOtherHost), ByteCount(1200), random_);
  ByteCount sent{0};
  for (int i = 0; i < 1000 && paths_.has_probe(); ++i) {
    ASSERT_TRUE(paths_.take_probe(kNow, kTimeout));
    sent += PathValidator::kChallengeSize;
    paths_.on_timeout(kNow);
  }
  EXPECT_LE(sent, ByteCount(3600));
  EXPECT_GT(sent, ByteCount(3600) - PathValidator::kChallengeSize);
}

TEST_F(PathValidatorTest, APacketFromTheCandidateDoesNotRestartTheChallenge) {
  paths_.on_other_path(from(kOtherHost), kPacket, random_);
  const auto challenge = paths_.take_probe(kNow, kTimeout);
  paths_.on_other_path(from(kOtherHost), kPacket, random_);
  EXPECT_FALSE(paths_.has_probe());
  EXPECT_TRUE(paths_.on_response(kNow, challenge->data));
}

TEST_F(PathValidatorTest, AnswersOnThePathThatTheChallengeCameBy) {
  const PathChallengeData data{1, 2, 3, 4, 5, 6, 7, 8};
  paths_.on_challenge(from(kOtherHost), data);
  const auto response = paths_.take_probe(kNow, kTimeout);
  ASSERT_TRUE(response);
  EXPECT_TRUE(response->is_response);
  EXPECT_EQ(response->path.remote, kOtherHost);
  EXPECT_EQ(response->data, data);
}

TEST_F(PathValidatorTest, BoundsTheResponsesThatWait) {
  for (std::uint8_t i = 0; i < 100; ++i) paths_.on_challenge(from(kClient), {i});
  std::size_t count = 0;
  std::uint8_t last = 0;
  while (const auto probe = paths_.take_probe(kNow, kTimeout)) {
    ++count;
    last = probe->data[0];
  }
  EXPECT_EQ(count, PathValidator::kResponsesMax);
  EXPECT_EQ(last, 99);
}

}  // namespace
}  // namespace hawser
