// A mere receiver sends acknowledgements that nobody acknowledges: it must not remember them for
// ever.

#include <string>

#include <gtest/gtest.h>

#include "tests/support/endpoint_pair.h"

namespace hawser {
namespace {

class ReceiverLogTest : public ::testing::Test, protected testing::EndpointPair {};

TEST_F(ReceiverLogTest, AMereReceiversMemoryDoesNotGrowWithTime) {
  const auto [client_end, server_end] = connect_both();
  const auto exchange = [this, handle = client_end](int messages) {
    for (int i = 0; i < messages; ++i) {
      ASSERT_TRUE(send(handle, std::string(100, 'x')));
      run_for(std::chrono::milliseconds(30));
      client_host().events.clear();
      server_host().events.clear();
    }
  };
  exchange(500);
  const ByteCount in_use = server().stats().memory.in_use;
  exchange(5000);
  EXPECT_EQ(server().stats().memory.in_use, in_use);
}

}  // namespace
}  // namespace hawser
