#include "transport/endpoint/address_validation.h"

#include <gtest/gtest.h>

#include "hawser/random.h"

namespace hawser {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::array<std::uint8_t, 32> kSecret{1, 2, 3, 4, 5, 6, 7, 8};
constexpr std::array<std::uint8_t, 32> kOtherSecret{1, 2, 3, 4, 5, 6, 7, 9};

TimePoint at(Duration since_origin) { return TimePoint(since_origin); }

ConnectionId id_of(std::initializer_list<std::uint8_t> bytes) {
  return ConnectionId(std::span(bytes.begin(), bytes.size()));
}

class AddressValidatorTest : public ::testing::Test {
 protected:
  const KeyRing keys_{kSecret};
  const AddressValidator validator_{keys_, {.cookie = seconds(60), .token = hours(24)}};
  const InitOrigin origin_{.remote = SocketAddress::ipv4({192, 0, 2, 1}, 9000),
                           .source_id = id_of({1, 2, 3, 4, 5, 6, 7, 8}),
                           .destination_id = id_of({8, 7, 6, 5, 4, 3, 2, 1})};
};

TEST_F(AddressValidatorTest, CookieHoldsForItsLifetime) {
  const Credential cookie = validator_.make_cookie(at(seconds(100)), origin_);
  EXPECT_TRUE(validator_.is_valid(at(seconds(100)), origin_, cookie));
  EXPECT_TRUE(validator_.is_valid(at(seconds(160)), origin_, cookie));
  EXPECT_FALSE(validator_.is_valid(at(seconds(160)) + Duration(1), origin_, cookie));
}

// A clock that was set back, as after a restart with another origin.
TEST_F(AddressValidatorTest, CredentialsFromTheFutureAreRefused) {
  const Credential cookie = validator_.make_cookie(at(seconds(100)), origin_);
  EXPECT_FALSE(validator_.is_valid(at(seconds(100)) - Duration(1), origin_, cookie));
  const Credential token = validator_.make_token(at(seconds(100)), origin_.remote);
  EXPECT_FALSE(validator_.is_valid(at(seconds(99)), origin_, token));
}

TEST_F(AddressValidatorTest, TimesAtTheEndsOfTheClockDoNotOverflow) {
  const Credential oldest = validator_.make_cookie(TimePoint::min(), origin_);
  EXPECT_FALSE(validator_.is_valid(TimePoint::max(), origin_, oldest));
  EXPECT_TRUE(validator_.is_valid(TimePoint::min(), origin_, oldest));
  const Credential newest = validator_.make_cookie(TimePoint::max(), origin_);
  EXPECT_FALSE(validator_.is_valid(TimePoint::min(), origin_, newest));
  EXPECT_TRUE(validator_.is_valid(TimePoint::max(), origin_, newest));
}

// RFC 9000 s8.1.4: bound to all that the client shows, so that it is worth nothing to another.
TEST_F(AddressValidatorTest, CookieIsBoundToAddressPortAndIds) {
  const TimePoint now = at(seconds(1));
  const Credential cookie = validator_.make_cookie(now, origin_);
  InitOrigin other = origin_;
  other.remote.port = 9001;
  EXPECT_FALSE(validator_.is_valid(now, other, cookie));
  other = origin_;
  other.remote.ip[3] = 2;
  EXPECT_FALSE(validator_.is_valid(now, other, cookie));
  other = origin_;
  other.remote.family = SocketAddress::Family::ipv6;
  EXPECT_FALSE(validator_.is_valid(now, other, cookie));
  other = origin_;
  other.remote.scope_id = 1;
  EXPECT_FALSE(validator_.is_valid(now, other, cookie));
  other = origin_;
  other.source_id = id_of({1, 2, 3, 4, 5, 6, 7});
  EXPECT_FALSE(validator_.is_valid(now, other, cookie));
  other = origin_;
  other.destination_id = id_of({8, 7, 6, 5, 4, 3, 2, 2});
  EXPECT_FALSE(validator_.is_valid(now, other, cookie));
  other = origin_;
  std::swap(other.source_id, other.destination_id);
  EXPECT_FALSE(validator_.is_valid(now, other, cookie));
}

TEST_F(AddressValidatorTest, IdsThatDifferOnlyInWhereOneEndsGiveOtherCookies) {
  const TimePoint now = at(seconds(1));
  InitOrigin first = origin_;
  first.source_id = id_of({1, 2, 3, 4});
  first.destination_id = id_of({5, 6, 7, 8, 9});
  InitOrigin second = origin_;
  second.source_id = id_of({1, 2, 3, 4, 5});
  second.destination_id = id_of({6, 7, 8, 9});
  EXPECT_FALSE(validator_.is_valid(now, second, validator_.make_cookie(now, first)));
}

TEST_F(AddressValidatorTest, TokenHoldsForAnyPortAndIdsOfTheHost) {
  const Credential token = validator_.make_token(at(seconds(5)), origin_.remote);
  InitOrigin later = origin_;
  later.remote.port = 40000;
  later.source_id = id_of({9, 9, 9, 9});
  EXPECT_TRUE(validator_.is_valid(at(seconds(5) + hours(24)), later, token));
  EXPECT_FALSE(validator_.is_valid(at(seconds(6) + hours(24)), later, token));
  later.remote.ip[0] = 193;
  EXPECT_FALSE(validator_.is_valid(at(seconds(5)), later, token));
}

TEST_F(AddressValidatorTest, OneKindDoesNotPassForTheOther) {
  Credential token = validator_.make_token(at(seconds(1)), origin_.remote);
  std::swap(token[0], validator_.make_cookie(at(seconds(1)), origin_)[0]);
  EXPECT_FALSE(validator_.is_valid(at(seconds(1)), origin_, token));
  token[0] = 0;
  EXPECT_FALSE(validator_.is_valid(at(seconds(1)), origin_, token));
}

TEST_F(AddressValidatorTest, EveryChangedBitIsNoticed) {
  const Credential cookie = validator_.make_cookie(at(seconds(1)), origin_);
  for (std::size_t bit = 0; bit < 8 * cookie.size(); ++bit) {
    Credential changed = cookie;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(validator_.is_valid(at(seconds(2)), origin_, changed)) << "bit " << bit;
  }
  for (std::size_t size = 0; size < cookie.size(); ++size) {
    EXPECT_FALSE(validator_.is_valid(at(seconds(1)), origin_, std::span(cookie).first(size)));
  }
}

TEST_F(AddressValidatorTest, GuessesAreRefused) {
  SeededRandom random(3);
  Credential guess = validator_.make_cookie(at(seconds(1)), origin_);
  for (int i = 0; i < 100'000; ++i) {
    random.fill(std::span(guess).subspan(9));
    ASSERT_FALSE(validator_.is_valid(at(seconds(1)), origin_, guess));
  }
}

TEST_F(AddressValidatorTest, ARestartedServerWithTheSameSecretAcceptsItsOwn) {
  const KeyRing same_keys(kSecret);
  const AddressValidator same(same_keys, {.cookie = seconds(60), .token = hours(24)});
  const KeyRing other_keys(kOtherSecret);
  const AddressValidator other(other_keys, {.cookie = seconds(60), .token = hours(24)});
  const Credential token = validator_.make_token(at(seconds(1)), origin_.remote);
  EXPECT_TRUE(same.is_valid(at(seconds(2)), origin_, token));
  EXPECT_FALSE(other.is_valid(at(seconds(2)), origin_, token));
}

TEST(KeyRingTest, KeysDifferByPurposeAndDependOnAllOfTheSecret) {
  const KeyRing keys(kSecret);
  EXPECT_NE(keys.cookie_key(), keys.token_key());
  for (std::size_t i = 0; i < kSecret.size(); ++i) {
    auto changed = kSecret;
    changed[i] ^= 0x80;
    const KeyRing others(changed);
    EXPECT_NE(keys.cookie_key(), others.cookie_key()) << "byte " << i;
    EXPECT_NE(keys.token_key(), others.token_key()) << "byte " << i;
    EXPECT_NE(keys.reset_token(id_of({1, 2, 3, 4})), others.reset_token(id_of({1, 2, 3, 4})));
  }
}

TEST(KeyRingTest, ResetTokenDependsOnTheId) {
  const KeyRing keys(kSecret);
  EXPECT_EQ(keys.reset_token(id_of({1, 2, 3, 4})),
            KeyRing(kSecret).reset_token(id_of({1, 2, 3, 4})));
  EXPECT_NE(keys.reset_token(id_of({1, 2, 3, 4})), keys.reset_token(id_of({1, 2, 3, 5})));
}

TEST(KeyRingTest, ComparesAllBytes) {
  const Digest digest{1, 2, 3};
  Digest other = digest;
  EXPECT_TRUE(equal_in_constant_time(digest, other));
  EXPECT_FALSE(equal_in_constant_time(digest, std::span(other).first(15)));
  other[15] = 1;
  EXPECT_FALSE(equal_in_constant_time(digest, other));
}

}  // namespace
}  // namespace hawser
