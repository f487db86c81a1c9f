// A sender that waits for credit, with nothing under way, gives signs of life: else a peer could
// neither find it behind a new address nor tell it from one that is gone.

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/endpoint_pair.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;
using testing::Fate;
using testing::Flight;
using testing::Host;

class CreditWaitTest : public ::testing::Test, protected testing::EndpointPair {
 protected:
  CreditWaitTest() : EndpointPair({}, small_window()) {}
  static EndpointConfig small_window() {
    EndpointConfig config = accepting();
    config.accepted.receive_window = ByteCount(10'000);
    config.accepted.idle_timeout = 0s;
    return config;
  }
  static ConnectionConfig idle_after(Duration timeout) {
    ConnectionConfig config;
    config.idle_timeout = timeout;
    return config;
  }
  /// The server's application takes nothing from now on; the client's messages exceed its window.
  void stop_reading(const ConnectionConfig& config) {
    const ConnectionHandle handle = connect(config);
    run_for(4 * delay);
    server_host().takes_events = false;
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(send(handle, std::string(900, 'x')));
    run_for(3s);
    EXPECT_GT(delivered(), 0U);
    EXPECT_LT(delivered(), 20U);
  }
  std::size_t delivered() { return client_host().count<ReceiptEvent>(); }
  std::size_t closed() {
    return client_host().count<ClosedEvent>() + server_host().count<ClosedEvent>();
  }
  /// Datagrams that the client sends.
  std::uint64_t sent_within(Duration duration) {
    const std::uint64_t before = client_host().datagrams_sent;
    run_for(duration);
    return client_host().datagrams_sent - before;
  }
};

TEST_F(CreditWaitTest, ASignOfLifeLeavesEveryFiveSeconds) {
  stop_reading(idle_after(0s));
  const std::uint64_t signs = sent_within(60s);
  EXPECT_GE(signs, 11U);
  EXPECT_LE(signs, 12U);
}

TEST_F(CreditWaitTest, NoneLeavesOnceCreditCame) {
  stop_reading(idle_after(0s));
  server_host().takes_events = true;
  run_for(10s);
  EXPECT_EQ(delivered(), 20U);
  EXPECT_EQ(sent_within(60s), 0U);
}

// Of all that the server sends its first probe alone arrives: a regular pattern of losses may take
// every WINDOW that it sends again.
TEST_F(CreditWaitTest, AProbeTellsTheCredit) {
  stop_reading(idle_after(0s));
  const std::size_t before = delivered();
  int sent = 0;
  script = [&](Flight&, const Host& from) {
    if (&from != &server_host()) return Fate::deliver;
    return ++sent == 2 ? Fate::deliver : Fate::drop;
  };
  server_host().takes_events = true;
  run_for(4s);
  EXPECT_GT(server_host().count<MessageEvent>(), before);
}

TEST_F(CreditWaitTest, ThreeFitIntoAShortIdleTimeout) {
  stop_reading(idle_after(6s));
  const std::uint64_t signs = sent_within(60s);
  EXPECT_GE(signs, 28U);
  EXPECT_LE(signs, 30U);
  EXPECT_EQ(closed(), 0U);
}

TEST_F(CreditWaitTest, NeitherSideIdlesOutOnALongPath) {
  delay = 200ms;
  stop_reading(idle_after(1s));
  run_for(60s);
  EXPECT_EQ(closed(), 0U);
}

class LostSignTest : public CreditWaitTest, public ::testing::WithParamInterface<Arq> {};

TEST_P(LostSignTest, AnotherFollows) {
  ConnectionConfig config = idle_after(20s);
  config.arq = GetParam();
  stop_reading(config);
  bool is_lost = false;
  script = [&](Flight&, const Host& from) {
    if (&from != &client_host() || std::exchange(is_lost, true)) return Fate::deliver;
    return Fate::drop;
  };
  EXPECT_GE(sent_within(60s), 10U);
  EXPECT_TRUE(is_lost);
  EXPECT_EQ(closed(), 0U);
}

INSTANTIATE_TEST_SUITE_P(SelectiveRepeat, LostSignTest, ::testing::Values(Arq::selective_repeat));
INSTANTIATE_TEST_SUITE_P(GoBackN, LostSignTest, ::testing::Values(Arq::go_back_n));
INSTANTIATE_TEST_SUITE_P(StopAndWait, LostSignTest, ::testing::Values(Arq::stop_and_wait));

}  // namespace
}  // namespace hawser
