// A congestion controller of one's own, in four steps, tried on a connection over loopback.
//
// AIMD (additive increase, multiplicative decrease): one datagram more per round trip, half as much
// after a loss. What it lacks beside the built-in ones: slow start, pacing, a reaction to ECN
// alone.

#include <algorithm>
#include <cstdio>

#include <uv.h>

#include "hawser/uv_endpoint.h"

namespace {

using hawser::ByteCount;

// Step 1: derive from CongestionController. Events come in, three questions are answered.
class Aimd final : public hawser::CongestionController {
 public:
  explicit Aimd(const hawser::CongestionConfig& config)
      : datagram_size_(config.datagram_size), window_(config.datagram_size * 10) {}

  void on_ack(const hawser::AckEvent& event) override {
    // A window that was not used proves nothing about the path.
    if (event.context.is_app_limited) return;
    acked_ += event.acked_bytes;
    if (acked_ < window_) return;
    acked_ -= window_;
    window_ += datagram_size_;
  }
  void on_loss(const hawser::LossEvent& event) override {
    // Losses of one round trip are one piece of news.
    if (event.largest_lost_sent_time <= reduced_at_) return;
    reduced_at_ = event.context.now;
    window_ = std::max(window_ / 2, datagram_size_ * 2);
  }
  void on_path_change(const hawser::PathChangeEvent& event) override {
    datagram_size_ = event.datagram_size;
    if (event.is_new_path) window_ = datagram_size_ * 10;
  }
  ByteCount congestion_window() const override { return window_; }
  hawser::Bandwidth pacing_rate(const hawser::RttSnapshot&) const override {
    return hawser::Bandwidth::infinite();
  }
  hawser::CongestionSnapshot snapshot() const override {
    return {.name = "aimd", .phase = "avoidance", .congestion_window = window_};
  }

 private:
  ByteCount datagram_size_;
  ByteCount window_;
  ByteCount acked_{0};  // towards the next increase
  hawser::TimePoint reduced_at_{};
};

// Step 2: a factory, which must outlive the endpoint.
constexpr hawser::CongestionControllerFactory kAimd{
    .name = "aimd", .make = [](const hawser::CongestionConfig& config) {
      return std::unique_ptr<hawser::CongestionController>(std::make_unique<Aimd>(config));
    }};

}  // namespace

int main() {
  constexpr int kMessages = 200;
  uv_loop_t* const loop = uv_default_loop();
  std::unique_ptr<hawser::UvEndpoint> server;
  std::unique_ptr<hawser::UvEndpoint> client;

  hawser::UvEndpointConfig listening;
  listening.endpoint.accepts_connections = true;
  listening.bind = *hawser::SocketAddress::parse("127.0.0.1:0");
  auto created_server = hawser::UvEndpoint::create(loop, listening, nullptr);
  if (!created_server) return 1;
  server = std::move(*created_server);

  // Step 3: name the factory in the connection's configuration.
  hawser::ConnectionConfig config;
  config.congestion = &kAimd;

  int delivered = 0;
  const auto end_both = [&] { client->close([&] { server->close(nullptr); }); };
  auto created_client = hawser::UvEndpoint::create(loop, {}, [&](hawser::Event& event) {
    if (std::holds_alternative<hawser::ClosedEvent>(event.what)) end_both();
    const auto* receipt = std::get_if<hawser::ReceiptEvent>(&event.what);
    if (receipt == nullptr || receipt->outcome != hawser::Outcome::delivered) return;
    if (++delivered < kMessages) return;
    // Step 4: see what it did.
    const auto stats = client->stats(event.connection);
    std::printf("%s: %d messages delivered, window %jd bytes, %ju packets lost\n",
                stats->congestion.name.data(), delivered,
                static_cast<std::intmax_t>(stats->congestion.congestion_window.value()),
                static_cast<std::uintmax_t>(stats->packets_lost));
    client->close(event.connection);
  });
  if (!created_client) return 1;
  client = std::move(*created_client);

  const auto connection =
      client->connect({.remote = server->local_address(), .config = config, .token = {}});
  const std::vector<std::uint8_t> message(20'000, 42);
  for (int i = 0; i < kMessages; ++i) {
    if (!connection || !client->send(*connection, message)) return 1;
  }
  uv_run(loop, UV_RUN_DEFAULT);
  return delivered == kMessages ? 0 : 1;
}
