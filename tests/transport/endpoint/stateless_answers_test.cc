#include "transport/endpoint/stateless_answers.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "hawser/endpoint.h"
#include "tests/transport/endpoint/handshake_packets.h"

namespace hawser {
namespace {

using std::chrono::milliseconds;
using testing::Bytes;
using testing::InitPacket;

class StatelessAnswersTest : public ::testing::Test {
 protected:
  AnswerTrigger trigger(std::int64_t size = 1200) {
    return {.path = path_, .size = ByteCount(size), .view = &view_};
  }
  std::optional<Bytes> next() {
    TransmitBuffer buffer{.bytes = space_};
    const auto transmit = answers_.poll_transmit(buffer);
    if (!transmit) return std::nullopt;
    EXPECT_EQ(transmit->path, path_);
    EXPECT_EQ(transmit->bytes, transmit->segment_size);
    return Bytes(space_.begin(), space_.begin() + static_cast<std::ptrdiff_t>(transmit->bytes));
  }
  wire::PacketView next_view() {
    answer_ = next().value_or(Bytes{});
    const auto view = wire::parse_packet(answer_, 8);
    EXPECT_TRUE(view);
    return view ? *view : wire::PacketView{};
  }

  SeededRandom random_{1};
  NetworkPath path_{.local = SocketAddress::ipv4({192, 0, 2, 1}, 1),
                    .remote = SocketAddress::ipv4({192, 0, 2, 2}, 2)};
  Bytes init_ = InitPacket::with_random_ids(random_).bytes();
  wire::PacketView view_ = *wire::parse_packet(init_, 8);
  StatelessAnswers answers_;
  Bytes space_ = Bytes(2048);
  Bytes answer_;
};

TEST_F(StatelessAnswersTest, RetryCarriesTheCookieUnderTheInitsIds) {
  const Bytes cookie(25, 0x5a);
  ASSERT_TRUE(answers_.retry(trigger(), cookie));
  const auto view = next_view();
  EXPECT_EQ(view.type, wire::PacketType::retry);
  EXPECT_EQ(view.destination_id, view_.source_id);
  EXPECT_EQ(view.source_id, view_.destination_id);
  EXPECT_TRUE(wire::verify_plain_packet(view));
  const auto read = wire::parse_retry(view.payload);
  ASSERT_TRUE(read);
  EXPECT_TRUE(std::ranges::equal(*read, cookie));
  EXPECT_FALSE(next());
}

TEST_F(StatelessAnswersTest, VersionListsOurs) {
  ASSERT_TRUE(answers_.version(trigger()));
  const auto view = next_view();
  EXPECT_EQ(view.type, wire::PacketType::version);
  EXPECT_EQ(view.destination_id, view_.source_id);
  const auto has_ours = wire::version_list_has(view.payload, wire::kVersion1);
  ASSERT_TRUE(has_ours);
  EXPECT_TRUE(*has_ours);
}

TEST_F(StatelessAnswersTest, RefuseSaysWhy) {
  const Bytes phrase{'n', 'o'};
  ASSERT_TRUE(answers_.refuse(
      trigger(), {.reason = CloseReason::server_full, .application_code = 77, .phrase = phrase}));
  const auto body = wire::parse_refuse(next_view().payload);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->reason, CloseReason::server_full);
  EXPECT_EQ(body->application_code, 77U);
  EXPECT_TRUE(std::ranges::equal(body->phrase, phrase));
}

TEST_F(StatelessAnswersTest, ARefusalFitsUnderTheLongestIds) {
  view_.source_id = testing::random_id(random_, 20);
  view_.destination_id = testing::random_id(random_, 20);
  const Bytes phrase(64, 'x');
  ASSERT_TRUE(answers_.refuse(
      trigger(), {.application_code = PacketNumber::last().value(), .phrase = phrase}));
  EXPECT_LE(next()->size(), wire::kStatelessAnswerSizeMax.size());
}

TEST_F(StatelessAnswersTest, AnswersAreAtMostAsLargeAsWhatDrewThem) {
  EXPECT_FALSE(answers_.version(trigger(20)));
  EXPECT_FALSE(answers_.retry(trigger(20), Bytes(25)));
  EXPECT_FALSE(answers_.refuse(trigger(20), {}));
  EXPECT_FALSE(next());
}

// RFC 9000 s10.3.3: strictly smaller, or two endpoints could bounce resets for ever.
TEST_F(StatelessAnswersTest, AResetIsSmallerThanWhatDrewIt) {
  EXPECT_FALSE(answers_.reset(TimePoint{}, trigger(21), ResetToken{}));
  EXPECT_TRUE(answers_.reset(TimePoint{}, trigger(22), ResetToken{}));
  EXPECT_EQ(next()->size(), 21U);
}

TEST_F(StatelessAnswersTest, ResetsAreTwentyMillisecondsApart) {
  const TimePoint start(milliseconds(500));
  EXPECT_TRUE(answers_.reset(start, trigger(), ResetToken{}));
  EXPECT_FALSE(answers_.reset(start + milliseconds(20) - Duration(1), trigger(), ResetToken{}));
  EXPECT_TRUE(answers_.reset(start + milliseconds(20), trigger(), ResetToken{}));
}

TEST_F(StatelessAnswersTest, AFullQueueHoldsAnswersBack) {
  for (std::size_t i = 0; i < StatelessAnswers::kAnswersMax; ++i) {
    ASSERT_TRUE(answers_.version(trigger()));
  }
  EXPECT_FALSE(answers_.version(trigger()));
  EXPECT_FALSE(answers_.retry(trigger(), Bytes(25)));
  EXPECT_FALSE(answers_.refuse(trigger(), {}));
  EXPECT_FALSE(answers_.reset(TimePoint{}, trigger(), ResetToken{}));
  EXPECT_TRUE(next());
  // A reset that found no room did not start the wait for the next one.
  EXPECT_TRUE(answers_.reset(TimePoint{}, trigger(), ResetToken{}));
  EXPECT_FALSE(answers_.version(trigger()));
}

TEST_F(StatelessAnswersTest, TheOldestLeavesFirst) {
  for (int round = 0; round < 300; ++round) {
    ASSERT_TRUE(answers_.version(trigger()));
    ASSERT_TRUE(answers_.retry(trigger(), Bytes(25)));
    EXPECT_EQ(next_view().type, wire::PacketType::version);
    EXPECT_EQ(next_view().type, wire::PacketType::retry);
  }
}

}  // namespace
}  // namespace hawser
