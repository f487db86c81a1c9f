#include "transport/wire/transport_parameters.h"

#include <chrono>

#include <gtest/gtest.h>

#include "tests/transport/wire/wire_samples.h"

namespace hawser::wire {
namespace {

using samples::Bytes;
using samples::from_hex;

std::error_code error_of(std::string_view hex) {
  const Bytes encoded = from_hex(hex);
  const auto parameters = parse_parameters(encoded);
  return parameters ? std::error_code() : parameters.error();
}

TEST(TransportParametersTest, DefaultsAreLeftOut) {
  Bytes space(300);
  EXPECT_EQ(write_parameters(space, TransportParameters{}), 0U);
  EXPECT_TRUE(samples::same(*parse_parameters({}), TransportParameters{}));
}

TEST(TransportParametersTest, ReadBackTheSame) {
  SeededRandom random(51);
  for (int i = 0; i < 5000; ++i) {
    const auto parameters = samples::random_parameters(random);
    Bytes space(300);
    const std::size_t size = write_parameters(space, parameters);
    const auto again = parse_parameters(std::span(space).first(size));
    ASSERT_TRUE(again) << "set " << i;
    ASSERT_TRUE(samples::same(*again, parameters)) << "set " << i;
  }
}

TEST(TransportParametersTest, HaveTheLayoutOfTheFormat) {
  TransportParameters parameters;
  parameters.idle_timeout = std::chrono::seconds(30);
  parameters.initial_credit =
      Credit{.sequence_limit = Sequence(1000), .message_limit = ByteCount(5)};
  parameters.arq = ArqProtocol::go_back_n;
  parameters.incarnation = 0x0102030405060708;
  Bytes space(300);
  space.resize(write_parameters(space, parameters));
  EXPECT_EQ(samples::to_hex(space),
            "010480007530"
            "040343e805"
            "070101"
            "0a080102030405060708");
}

TEST(TransportParametersTest, UnknownIdsAreIgnored) {
  const auto parameters = parse_parameters(from_hex("05 01 07  0e 02 aabb  7fff 00"));
  ASSERT_TRUE(parameters);
  EXPECT_EQ(parameters->channels_max, 7U);
}

TEST(TransportParametersTest, IdsAscendSoThatNoneStandsTwice) {
  EXPECT_EQ(error_of("05 01 07  05 01 07"), Errc::malformed);
  EXPECT_EQ(error_of("05 01 07  01 01 07"), Errc::malformed);
  EXPECT_EQ(error_of("0e 00  0e 00"), Errc::malformed);
  EXPECT_EQ(error_of("01 01 07  05 01 07"), std::error_code());
}

TEST(TransportParametersTest, AValueOutOfItsRangeIsMalformed) {
  EXPECT_EQ(error_of("02 02 44af"), Errc::malformed);  // datagrams of 1199 bytes
  EXPECT_EQ(error_of("02 02 44b0"), std::error_code());
  EXPECT_EQ(error_of("02 04 8000ffe4"), Errc::malformed);  // 65,508
  EXPECT_EQ(error_of("02 04 8000ffe3"), std::error_code());
  EXPECT_EQ(error_of("05 01 00"), Errc::malformed);  // no channel at all
  EXPECT_EQ(error_of("05 04 80010001"), Errc::malformed);
  EXPECT_EQ(error_of("05 04 80010000"), std::error_code());
  EXPECT_EQ(error_of("07 01 03"), Errc::malformed);
  EXPECT_EQ(error_of("0d 00"), Errc::malformed);  // an empty token
  EXPECT_EQ(error_of("0d 4041" + std::string(130, '0')), Errc::malformed);
  EXPECT_EQ(error_of("01 08 c000040000000000"), Errc::malformed);
  EXPECT_EQ(error_of("01 08 c00003ffffffffff"), std::error_code());
}

// RFC 9000 s18.2. Idle and closing periods rest on it: a huge one would hold a slot for ever.
TEST(TransportParametersTest, AnAckDelayOf2To14MillisecondsIsMalformed) {
  EXPECT_FALSE(error_of("06 04 80 f9 fc 18"));                // 16383 ms
  EXPECT_EQ(error_of("06 04 80 f9 fc 19"), Errc::malformed);  // 1 us more
}

TEST(TransportParametersTest, AValueFillsItsLength) {
  EXPECT_EQ(error_of("01 02 07 00"), Errc::malformed);
  EXPECT_EQ(error_of("01 00"), Errc::malformed);
  EXPECT_EQ(error_of("04 01 07"), Errc::malformed);
  EXPECT_EQ(error_of("09 0f" + std::string(30, '0')), Errc::malformed);
  EXPECT_EQ(error_of("09 11" + std::string(34, '0')), Errc::malformed);
  EXPECT_EQ(error_of("01 05 07"), Errc::truncated);
}

TEST(TransportParametersTest, WriteNothingIntoASpaceThatIsTooSmall) {
  TransportParameters parameters;
  parameters.incarnation = 1;
  Bytes space(10);
  EXPECT_EQ(write_parameters(space, parameters), 10U);
  EXPECT_EQ(write_parameters(std::span(space).first(9), parameters), 0U);
}

}  // namespace
}  // namespace hawser::wire
