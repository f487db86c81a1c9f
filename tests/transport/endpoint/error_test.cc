#include "hawser/error.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "hawser/message.h"

namespace hawser {
namespace {

constexpr Errc kAll[] = {Errc::would_block,
                         Errc::not_enough_memory,
                         Errc::unknown_connection,
                         Errc::connection_closing,
                         Errc::message_too_large,
                         Errc::unknown_channel,
                         Errc::too_many_connections,
                         Errc::invalid_config,
                         Errc::invalid_address,
                         Errc::truncated,
                         Errc::malformed,
                         Errc::bad_checksum,
                         Errc::unknown_version};

TEST(ErrorCategoryTest, EveryErrorSaysWhatWasWrongAndWhatToDo) {
  std::set<std::string> seen;
  for (const Errc code : kAll) {
    const std::string message = make_error_code(code).message();
    EXPECT_NE(message.find("; "), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_TRUE(seen.insert(message).second) << "said twice: " << message;
  }
}

TEST(ErrorCategoryTest, OkIsNoError) {
  EXPECT_FALSE(make_error_code(Errc::ok));
  EXPECT_EQ(make_error_code(Errc::ok).message(), "no error");
}

TEST(ErrorCategoryTest, UnknownNumberHasATextToo) {
  const std::error_code code(9999, error_category());
  EXPECT_NE(code.message().find("does not know"), std::string::npos);
}

TEST(ErrorCategoryTest, CodesConvertAndCompare) {
  const std::error_code code = Errc::would_block;
  EXPECT_EQ(code, Errc::would_block);
  EXPECT_NE(code, Errc::truncated);
  EXPECT_STREQ(code.category().name(), "hawser");
}

TEST(ToStringTest, NamesAreThoseOfTheEnumerators) {
  EXPECT_STREQ(to_string(CloseReason::none), "none");
  EXPECT_STREQ(to_string(CloseReason::aborted), "aborted");
  EXPECT_STREQ(to_string(CloseReason::protocol_error), "protocol_error");
  EXPECT_STREQ(to_string(CloseReason::flow_control_error), "flow_control_error");
  EXPECT_STREQ(to_string(CloseReason::integrity_error), "integrity_error");
  EXPECT_STREQ(to_string(CloseReason::internal_error), "internal_error");
  EXPECT_STREQ(to_string(CloseReason::out_of_memory), "out_of_memory");
  EXPECT_STREQ(to_string(CloseReason::refused), "refused");
  EXPECT_STREQ(to_string(CloseReason::server_full), "server_full");
  EXPECT_STREQ(to_string(CloseReason::version_mismatch), "version_mismatch");
  EXPECT_STREQ(to_string(CloseReason::handshake_mismatch), "handshake_mismatch");
  EXPECT_STREQ(to_string(CloseReason::idle_timeout), "idle_timeout");
  EXPECT_STREQ(to_string(CloseReason::handshake_timeout), "handshake_timeout");
  EXPECT_STREQ(to_string(CloseReason::stateless_reset), "stateless_reset");
  EXPECT_STREQ(to_string(Delivery::ordered), "ordered");
  EXPECT_STREQ(to_string(Delivery::unordered), "unordered");
  EXPECT_STREQ(to_string(Delivery::unreliable), "unreliable");
  EXPECT_STREQ(to_string(Outcome::delivered), "delivered");
  EXPECT_STREQ(to_string(Outcome::lost), "lost");
  EXPECT_STREQ(to_string(Outcome::refused), "refused");
  EXPECT_STREQ(to_string(Outcome::connection_lost), "connection_lost");
}

TEST(ToStringTest, ANewerPeersReasonIsUnknown) {
  EXPECT_STREQ(to_string(static_cast<CloseReason>(77)), "unknown");
}

}  // namespace
}  // namespace hawser
