// The system's allocator says no at each place in turn. What the pool is refused is the matter of
// tests/scenarios; this is about operator new, in a program of its own because it replaces it.

#include <array>
#include <cstdlib>
#include <memory>
#include <new>

#include <gtest/gtest.h>

#include "hawser/endpoint.h"

namespace {

std::uint64_t refuse_in = 0;  // counts down; the request that takes it to zero is refused

bool is_refused() { return refuse_in > 0 && --refuse_in == 0; }

}  // namespace

void* operator new(std::size_t size) {
  void* memory = is_refused() ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return is_refused() ? nullptr : std::malloc(size == 0 ? 1 : size);
}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // the operator above is ours
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#pragma GCC diagnostic pop

namespace hawser {
namespace {

using namespace std::chrono_literals;

// An application's factory, which throws where there is no memory.
std::unique_ptr<CongestionController> make_with_notes(const CongestionConfig& config) {
  const auto notes = std::make_unique<std::array<std::uint8_t, 100>>();
  return find_congestion_controller("cubic")->make(config);
}
constexpr CongestionControllerFactory kThrowing{"throwing", make_with_notes};

/// Two endpoints of one connection each, joined by a wire without delay; nothing of the test's own
/// allocates during a life.
class AllocationFailureTest : public ::testing::Test {
 protected:
  AllocationFailureTest() {
    options_.remote = server_address_;
    options_.config.handshake_payload.assign(100, 1);
    options_.config.congestion = &kThrowing;
  }

  /// Creates, connects, transfers, closes while the `nth` request is refused, insisting where a
  /// call was refused. Returns whether there was such a request.
  bool live(std::uint64_t nth) {
    server_.reset();
    client_.reset();
    is_server_connected_ = is_closed_ = false;
    received_ = 0;
    refuse_in = nth;
    client_ = create(false, client_random_);
    server_ = create(true, server_random_);
    connect();
    transfer();
    EXPECT_FALSE(client_->close(handle_));
    exchange_until([this] { return is_closed_; });
    const bool was_refused = nth > 0 && refuse_in == 0;
    refuse_in = 0;
    EXPECT_EQ(received_, 2U * kMessages);
    exchange_until([this] { return server_->stats().connections == 0; });
    return was_refused;
  }

 private:
  static constexpr std::size_t kMessages = 3;

  template <typename Call>
  static auto insist(const Call& call) {
    auto result = call();
    if (result) return result;
    EXPECT_EQ(result.error(), make_error_code(Errc::not_enough_memory));
    return call();
  }
  static std::unique_ptr<Endpoint> create(bool is_server, SeededRandom& random) {
    EndpointConfig config;
    config.accepts_connections = is_server;
    config.connections_max = 1;  // a lost slot would be the only one
    config.accepted.congestion = &kThrowing;
    return *insist([&] { return Endpoint::create(config, random); });
  }
  // A server without memory for the connection refuses it; then the client asks once more.
  void connect() {
    for (int attempt = 0; attempt < 2 && !is_server_connected_; ++attempt) {
      is_closed_ = false;
      handle_ = *insist([this] { return client_->connect(options_); });
      exchange_until([this] { return is_server_connected_ || is_closed_; });
    }
    is_closed_ = false;
    ASSERT_TRUE(is_server_connected_);
  }
  void transfer() {
    static constexpr std::array<std::uint8_t, 3000> kMessage{};
    for (std::size_t i = 0; i < kMessages; ++i) {
      EXPECT_TRUE(client_->send(handle_, kMessage));
      EXPECT_TRUE(server_->send(accepted_, kMessage));
    }
    exchange_until([this] { return received_ == 2 * kMessages; });
  }

  template <typename Condition>
  void exchange_until(const Condition& condition) {
    for (int rounds = 0; rounds < 10'000 && !condition(); ++rounds) {
      pump(*client_, *server_, client_address_);
      pump(*server_, *client_, server_address_);
      now_ += 1ms;
      for (Endpoint* endpoint : {client_.get(), server_.get()}) {
        if (endpoint->next_timeout() <= now_) endpoint->handle_timeout(now_);
      }
    }
    EXPECT_TRUE(condition());
  }
  void pump(Endpoint& from, Endpoint& to, const SocketAddress& source) {
    while (const auto event = from.poll_event()) take(*event, &from == server_.get());
    TransmitBuffer buffer{space_};
    while (const auto transmit = from.poll_transmit(now_, buffer)) {
      to.receive(now_, {.bytes = std::span(space_).first(transmit->bytes),
                        .segment_size = transmit->segment_size,
                        .path = {.local = transmit->path.remote, .remote = source}});
    }
  }
  void take(const Event& event, bool is_server) {
    if (std::holds_alternative<ConnectedEvent>(event.what) && is_server) {
      is_server_connected_ = true;
      accepted_ = event.connection;
    }
    if (std::holds_alternative<MessageEvent>(event.what)) ++received_;
    if (std::holds_alternative<ClosedEvent>(event.what) && !is_server) is_closed_ = true;
  }

  const SocketAddress client_address_ = SocketAddress::ipv4({192, 0, 2, 1}, 40000);
  const SocketAddress server_address_ = SocketAddress::ipv4({192, 0, 2, 2}, 9000);
  ConnectOptions options_;
  SeededRandom client_random_{1};
  SeededRandom server_random_{2};
  std::array<std::uint8_t, 1 << 17> space_{};
  TimePoint now_{1s};
  std::unique_ptr<Endpoint> client_;
  std::unique_ptr<Endpoint> server_;
  ConnectionHandle handle_ = ConnectionHandle::none;
  ConnectionHandle accepted_ = ConnectionHandle::none;
  bool is_server_connected_ = false;
  bool is_closed_ = false;
  std::size_t received_ = 0;
};

TEST_F(AllocationFailureTest, EachRefusedAllocationRefusesOneCallAndNothingElse) {
  EXPECT_FALSE(live(0)) << "nothing to insist on";
  std::uint64_t refused = 0;
  while (!HasFailure() && live(refused + 1)) ++refused;
  EXPECT_GE(refused, 9U) << "six of the two endpoints, the configuration, two controllers";
}

}  // namespace
}  // namespace hawser
