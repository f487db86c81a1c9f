#include "hawser/config.h"

#include <algorithm>
#include <string_view>

#include "transport/endpoint/config_limits.h"
#include "transport/wire/codec.h"

namespace hawser {
namespace {

/// A duration in the largest unit that holds it exactly.
std::string text_of(Duration duration) {
  struct Unit {
    std::string_view name;
    Duration size;
  };
  static constexpr Unit kUnits[] = {{" days", std::chrono::hours(24)},
                                    {" s", std::chrono::seconds(1)},
                                    {" ms", std::chrono::milliseconds(1)},
                                    {" us", std::chrono::microseconds(1)}};
  for (const Unit& unit : kUnits) {
    if (duration == Duration::zero() || duration % unit.size != Duration::zero()) continue;
    return std::to_string(duration / unit.size).append(unit.name);
  }
  return std::to_string(duration.count()) + " ns";
}
std::string text_of(ByteCount bytes) { return std::to_string(bytes.value()) + " bytes"; }
std::string text_of(std::uint64_t number) { return std::to_string(number); }
std::string text_of(std::int64_t number) { return std::to_string(number); }

/// Keeps the first complaint about the fields it is shown.
class Inspector {
 public:
  template <typename T>
  struct Range {
    T min;
    T max;
  };

  template <typename T>
  Inspector& in(std::string_view field, T value, Range<T> range) {
    if (value < range.min || value > range.max) complain(field, value, range, "");
    return *this;
  }
  /// As `in`, where 0 has a meaning of its own.
  template <typename T>
  Inspector& zero_or_in(std::string_view field, T value, Range<T> range) {
    if (value != T{} && (value < range.min || value > range.max)) {
      complain(field, value, range, "0 or ");
    }
    return *this;
  }
  std::optional<std::string> complaint() && { return std::move(complaint_); }

 private:
  template <typename T>
  void complain(std::string_view field, T value, Range<T> range, std::string_view exception) {
    if (complaint_) return;
    complaint_ = std::string(field)
                     .append(" is ")
                     .append(text_of(value))
                     .append("; it must be ")
                     .append(exception)
                     .append(text_of(range.min))
                     .append(" to ")
                     .append(text_of(range.max));
  }
  std::optional<std::string> complaint_;
};

void inspect(Inspector& inspector, const CongestionConfig& config) {
  const ByteCount datagram_max = wire::kDatagramSizeMax;
  inspector
      .in("congestion_config.datagram_size", config.datagram_size, {ByteCount(1), datagram_max})
      .in("congestion_config.initial_window", config.initial_window, {ByteCount(0), kMemoryMax})
      .in("congestion_config.window_min", config.window_min, {ByteCount(0), kMemoryMax})
      .in("congestion_config.window_max", config.window_max,
          {std::max({ByteCount(1), config.window_min, config.initial_window}), ByteCount::max()})
      .in("congestion_config.fixed_window_packets", config.fixed_window_packets,
          {std::int64_t{1}, kFixedWindowMax})
      .in("congestion_config.loss_threshold_percent", config.loss_threshold_percent,
          {std::int64_t{1}, kLossThresholdMax})
      .in("congestion_config.aimd_increase_percent", config.aimd_increase_percent,
          {std::int64_t{1}, std::int64_t{10'000}})
      .in("congestion_config.aimd_decrease_percent", config.aimd_decrease_percent,
          {std::int64_t{1}, std::int64_t{99}})
      .in("congestion_config.ledbat_target", config.ledbat_target,
          {Duration(std::chrono::milliseconds(1)), Duration(std::chrono::milliseconds(100))})
      .in("congestion_config.copa_delta_percent", config.copa_delta_percent,
          {std::int64_t{1}, std::int64_t{100}});
}

}  // namespace

std::optional<std::string> ConnectionConfig::validate() const {
  Inspector inspector;
  inspector.zero_or_in("idle_timeout", idle_timeout, {kTimeoutMin, kIntervalMax})
      .zero_or_in("keepalive", keepalive, {kTimeoutMin, kIntervalMax})
      .in("handshake_timeout", handshake_timeout, {kTimeoutMin, kIntervalMax})
      .in("handshake_payload", ByteCount::of(handshake_payload.size()),
          {ByteCount(0), ByteCount::of(wire::kHandshakePayloadMax)})
      .in("channels_max", std::uint64_t{channels_max}, {1, kChannelsMax})
      .in("message_size_max", message_size_max, {ByteCount(1), kMessageSizeMax})
      .in("datagram_size", datagram_size, {wire::kInitSizeMin, wire::kDatagramSizeMax})
      .in("datagram_size_max", datagram_size_max, {wire::kInitSizeMin, wire::kDatagramSizeMax})
      .in("send_window", send_window, {1, kWindowSegmentsMax})
      .in("receive_window_segments", receive_window_segments, {1, kWindowSegmentsMax})
      .in("receive_window", receive_window, {kReceiveWindowMin, kMemoryMax})
      .in("send_buffer", send_buffer, {ByteCount(1), kMemoryMax})
      .in("send_messages_max", std::uint64_t{send_messages_max}, {1, kSendMessagesMax})
      .in("unreliable_reassembly", unreliable_reassembly, {ByteCount(0), kMemoryMax})
      .in("ack_delay_max", ack_delay_max, {Duration::zero(), wire::kAckDelayLimit});
  inspect(inspector, congestion_config);
  return std::move(inspector).complaint();
}

std::optional<std::string> EndpointConfig::validate() const {
  if (const auto complaint = accepted.validate()) return "accepted." + *complaint;
  Inspector inspector;
  inspector.in("connections_max", std::uint64_t{connections_max}, {1, kConnectionsMax})
      .in("half_open_max", std::uint64_t{half_open_max}, {1, kConnectionsMax})
      .in("connection_id_size", std::uint64_t{connection_id_size},
          {kConnectionIdSizeMin, ConnectionId::kSizeMax})
      .in("cookie_lifetime", cookie_lifetime, {kCookieLifetimeMin, kIntervalMax})
      .in("token_lifetime", token_lifetime, {kTimeoutMin, kIntervalMax})
      .in("memory_budget", memory_budget, {ByteCount(1), kMemoryMax});
  return std::move(inspector).complaint();
}

}  // namespace hawser
