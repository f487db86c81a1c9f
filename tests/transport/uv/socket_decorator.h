#pragma once
/// A socket of the seam in front of a real one, through which a test sees and changes what passes.

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "transport/uv/driver_parts.h"

namespace hawser::rim {

class SocketDecorator final : public UdpSocket {
 public:
  explicit SocketDecorator(std::unique_ptr<UdpSocket> inner) : inner_(std::move(inner)) {}

  /// Asked before each send; something other than `sent` is answered in the kernel's place.
  std::function<SendStatus(const Transmit&)> verdict = [](const Transmit&) {
    return SendStatus::sent;
  };
  /// Goes with a verdict that something is too large.
  ByteCount limit{0};
  /// Told of each send that went through, with the bytes that the kernel took.
  std::function<void(const Transmit&, std::size_t bytes)> on_sent = [](const Transmit&,
                                                                       std::size_t) {};

  std::error_code start(Listener& listener) override { return inner_->start(listener); }
  SendResult send(const Transmit& transmit, std::span<const std::uint8_t> bytes) override {
    const SendStatus status = verdict(transmit);
    if (status != SendStatus::sent) return {.status = status, .datagram_size_limit = limit};
    const SendResult result = inner_->send(transmit, bytes);
    if (result.bytes_taken > 0) on_sent(transmit, result.bytes_taken);
    return result;
  }
  SocketAddress local_address() const override { return inner_->local_address(); }
  const SocketStats& counters() const override { return inner_->counters(); }
  void set_referenced(bool is_referenced) override { inner_->set_referenced(is_referenced); }
  void close(CloseBarrier& barrier) override { inner_->close(barrier); }
  UdpSocket& inner() { return *inner_; }

 private:
  std::unique_ptr<UdpSocket> inner_;
};

/// `parts` with a decorator around the socket; `socket` is set when an endpoint opens it.
inline DriverParts decorated(DriverParts parts, SocketDecorator*& socket) {
  parts.open_socket = [open = parts.open_socket, &socket](
                          uv_loop_t* loop,
                          const SocketOptions& options) -> Result<std::unique_ptr<UdpSocket>> {
    auto inner = open(loop, options);
    if (!inner) return inner.error();
    auto decorator = std::make_unique<SocketDecorator>(std::move(*inner));
    socket = decorator.get();
    return std::unique_ptr<UdpSocket>(std::move(decorator));
  };
  return parts;
}

}  // namespace hawser::rim
