#pragma once
/// A UDP socket through libuv's own `uv_udp_t`, for every system that libuv knows: one send call
/// per datagram, no ECN, no choice of the source address.
///
/// Owned by the driver; on the loop's thread only.

#include <memory>
#include <span>

#include <uv.h>

#include "hawser/result.h"
#include "transport/uv/udp_socket.h"

namespace hawser::rim {

class PortableSocket final : public UdpSocket {
 public:
  /// Errors: the system's (`address_in_use`, ...); one handle then closes when the loop runs next.
  static Result<std::unique_ptr<PortableSocket>> open(uv_loop_t* loop,
                                                      const SocketOptions& options);
  PortableSocket(const PortableSocket&) = delete;
  PortableSocket& operator=(const PortableSocket&) = delete;

  std::error_code start(Listener& listener) override;
  SendResult send(const Transmit& transmit, std::span<const std::uint8_t> bytes) override;
  SocketAddress local_address() const override { return local_; }
  const SocketStats& counters() const override { return counters_; }
  void set_referenced(bool is_referenced) override;
  void close(CloseBarrier& barrier) override;

 private:
  // libuv fills one 64 KiB chunk per datagram, several in one system call where it can.
  static constexpr std::size_t kReadBytes = 16 * 65'536;

  PortableSocket() = default;
  std::error_code set_up(const SocketOptions& options);
  uv_buf_t next_read_buffer();
  void on_read(ssize_t size, const uv_buf_t& bytes, const sockaddr* from, unsigned flags);
  SendStatus send_later(uv_buf_t bytes, const sockaddr* to);
  void on_sent_later(int status);

  uv_udp_t udp_{};
  uv_udp_send_t request_{};  // carries the one datagram that would have blocked
  SocketAddress local_;
  Listener* listener_ = nullptr;
  SocketStats counters_;
  std::unique_ptr<char[]> read_bytes_;
};

}  // namespace hawser::rim
