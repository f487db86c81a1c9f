#include "hawser/config.h"

#include <gtest/gtest.h>

#include "transport/endpoint/config_limits.h"

namespace hawser {
namespace {

using std::chrono::milliseconds;

/// The complaint about the defaults after `change`; "fine" if there is none.
template <typename Config, typename Change>
std::string after(Change change) {
  Config config;
  change(config);
  return config.validate().value_or("fine");
}
template <typename Change>
std::string connection_after(Change change) {
  return after<ConnectionConfig>(change);
}
template <typename Change>
std::string endpoint_after(Change change) {
  return after<EndpointConfig>(change);
}

TEST(ConnectionConfigTest, DefaultsAreFine) {
  EXPECT_EQ(ConnectionConfig{}.validate(), std::nullopt);
}

TEST(ConnectionConfigTest, TheComplaintNamesFieldValueAndRange) {
  EXPECT_EQ(connection_after([](auto& c) { c.datagram_size = ByteCount(1199); }),
            "datagram_size is 1199 bytes; it must be 1200 bytes to 65507 bytes");
  EXPECT_EQ(connection_after([](auto& c) { c.idle_timeout = milliseconds(-5); }),
            "idle_timeout is -5 ms; it must be 0 or 1 ms to 365 days");
  EXPECT_EQ(connection_after([](auto& c) { c.idle_timeout = std::chrono::microseconds(999); }),
            "idle_timeout is 999 us; it must be 0 or 1 ms to 365 days");
  EXPECT_EQ(connection_after([](auto& c) { c.channels_max = 0; }),
            "channels_max is 0; it must be 1 to 65536");
  EXPECT_EQ(connection_after([](auto& c) { c.ack_delay_max = Duration(-1); }),
            "ack_delay_max is -1 ns; it must be 0 ns to 16383 ms");
}

TEST(ConnectionConfigTest, HoldsEachFieldToBothEndsOfItsRange) {
  const auto is_fine = [](auto change) { return connection_after(change) == "fine"; };
  EXPECT_TRUE(is_fine([](auto& c) { c.idle_timeout = Duration::zero(); }));
  EXPECT_TRUE(is_fine([](auto& c) { c.idle_timeout = kIntervalMax; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.idle_timeout = kIntervalMax + Duration(1); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.keepalive = kForever; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.handshake_timeout = Duration::zero(); }));
  EXPECT_TRUE(is_fine([](auto& c) { c.handshake_payload.resize(512); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.handshake_payload.resize(513); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.channels_max = 65537; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.message_size_max = ByteCount(0); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.message_size_max = ByteCount((16 << 20) + 1); }));
  EXPECT_TRUE(is_fine([](auto& c) { c.datagram_size = ByteCount(65507); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.datagram_size = ByteCount(65508); }));
  EXPECT_TRUE(is_fine([](auto& c) { c.datagram_size_max = ByteCount(1200); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.datagram_size_max = ByteCount(1199); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.datagram_size_max = ByteCount(65508); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.send_window = 0; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.send_window = (1 << 20) + 1; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.receive_window_segments = 0; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.receive_window = ByteCount(1023); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.send_buffer = ByteCount(0); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.send_messages_max = 0; }));
  EXPECT_TRUE(is_fine([](auto& c) { c.unreliable_reassembly = ByteCount(0); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.unreliable_reassembly = ByteCount(-1); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.ack_delay_max = milliseconds(16384); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.congestion_config.datagram_size = ByteCount(0); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.congestion_config.initial_window = ByteCount(-1); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.congestion_config.window_min = ByteCount(-1); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.congestion_config.window_max = ByteCount(0); }));
  EXPECT_FALSE(is_fine([](auto& c) {
    c.congestion_config.window_min = ByteCount(3600);
    c.congestion_config.window_max = ByteCount(1200);
  }));
  EXPECT_FALSE(is_fine([](auto& c) { c.congestion_config.fixed_window_packets = 0; }));
  EXPECT_TRUE(is_fine([](auto& c) { c.congestion_config.aimd_increase_percent = 10'000; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.congestion_config.aimd_increase_percent = 10'001; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.congestion_config.aimd_increase_percent = 0; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.congestion_config.aimd_decrease_percent = 0; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.congestion_config.aimd_decrease_percent = 100; }));
  EXPECT_TRUE(is_fine([](auto& c) { c.congestion_config.ledbat_target = milliseconds(100); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.congestion_config.ledbat_target = milliseconds(101); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.congestion_config.ledbat_target = Duration::zero(); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.congestion_config.copa_delta_percent = 0; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.congestion_config.copa_delta_percent = 101; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.congestion_config.loss_threshold_percent = 0; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.congestion_config.loss_threshold_percent = 51; }));
}

TEST(ConnectionConfigTest, ComplainsOfTheFirstFaultOnly) {
  EXPECT_EQ(connection_after([](auto& c) {
              c.send_window = 0;
              c.channels_max = 0;
            }),
            "channels_max is 0; it must be 1 to 65536");
}

TEST(EndpointConfigTest, DefaultsAreFine) { EXPECT_EQ(EndpointConfig{}.validate(), std::nullopt); }

TEST(EndpointConfigTest, HoldsEachFieldToBothEndsOfItsRange) {
  const auto is_fine = [](auto change) { return endpoint_after(change) == "fine"; };
  EXPECT_TRUE(is_fine([](auto& c) { c.connections_max = 1 << 24; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.connections_max = (1 << 24) + 1; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.connections_max = 0; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.half_open_max = 0; }));
  EXPECT_TRUE(is_fine([](auto& c) { c.connection_id_size = 20; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.connection_id_size = 21; }));
  EXPECT_FALSE(is_fine([](auto& c) { c.connection_id_size = 7; }));
  EXPECT_TRUE(is_fine([](auto& c) { c.cookie_lifetime = std::chrono::seconds(10); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.cookie_lifetime = milliseconds(9999); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.token_lifetime = Duration(-1); }));
  EXPECT_FALSE(is_fine([](auto& c) { c.memory_budget = ByteCount(0); }));
}

TEST(EndpointConfigTest, NamesAFaultOfTheAcceptedConnections) {
  EXPECT_EQ(endpoint_after([](auto& c) { c.accepted.send_window = 0; }),
            "accepted.send_window is 0; it must be 1 to 1048576");
}

}  // namespace
}  // namespace hawser
