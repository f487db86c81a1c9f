#include "transport/uv/portable_socket.h"

#include <algorithm>

#include "hawser/assert.h"
#include "transport/uv/monotonic_clock.h"
#include "transport/uv/path_mtu.h"
#include "transport/uv/system_address.h"
#include "transport/uv/uv_error.h"

namespace hawser::rim {

Result<std::unique_ptr<PortableSocket>> PortableSocket::open(uv_loop_t* loop,
                                                             const SocketOptions& options) {
  std::unique_ptr<PortableSocket> socket(new PortableSocket);
  const unsigned domain = options.bind.family == SocketAddress::Family::ipv6 ? AF_INET6 : AF_INET;
  if (const int error = uv_udp_init_ex(loop, &socket->udp_, domain | UV_UDP_RECVMMSG); error != 0) {
    return uv_error(error);
  }
  socket->udp_.data = socket.get();
  if (const std::error_code error = socket->set_up(options)) {
    uv_close(reinterpret_cast<uv_handle_t*>(&socket.release()->udp_),
             [](uv_handle_t* closed) { delete static_cast<PortableSocket*>(closed->data); });
    return error;
  }
  return socket;
}

std::error_code PortableSocket::set_up(const SocketOptions& options) {
  const SystemAddress name = to_system(options.bind, options.bind.family);
  const bool is_ipv6_only =
      options.bind.family == SocketAddress::Family::ipv6 && !is_wildcard(options.bind);
  const unsigned flags = is_ipv6_only ? UV_UDP_IPV6ONLY : 0;
  if (const int error = uv_udp_bind(&udp_, name.get(), flags); error != 0) return uv_error(error);
  sockaddr_storage bound{};
  int size = sizeof bound;
  auto* address = reinterpret_cast<sockaddr*>(&bound);
  if (const int error = uv_udp_getsockname(&udp_, address, &size); error != 0) {
    return uv_error(error);
  }
  local_ = from_system(address);
  if (uv_os_fd_t descriptor; uv_fileno(reinterpret_cast<uv_handle_t*>(&udp_), &descriptor) == 0) {
    forbid_fragments(descriptor, options.bind.family == SocketAddress::Family::ipv6);
  }
  // Advice only: the system may give less.
  int buffer = static_cast<int>(std::min<std::int64_t>(options.buffer.value(), INT32_MAX / 2));
  uv_recv_buffer_size(reinterpret_cast<uv_handle_t*>(&udp_), &buffer);
  uv_send_buffer_size(reinterpret_cast<uv_handle_t*>(&udp_), &buffer);
  read_bytes_ = std::make_unique_for_overwrite<char[]>(kReadBytes);
  return {};
}

std::error_code PortableSocket::start(Listener& listener) {
  listener_ = &listener;
  const int error = uv_udp_recv_start(
      &udp_,
      [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
        *buffer = static_cast<PortableSocket*>(handle->data)->next_read_buffer();
      },
      [](uv_udp_t* udp, ssize_t size, const uv_buf_t* bytes, const sockaddr* from, unsigned flags) {
        static_cast<PortableSocket*>(udp->data)->on_read(size, *bytes, from, flags);
      });
  return error == 0 ? std::error_code{} : uv_error(error);
}

uv_buf_t PortableSocket::next_read_buffer() {
  ++counters_.receive_calls;
  return uv_buf_init(read_bytes_.get(), kReadBytes);
}

void PortableSocket::on_read(ssize_t size, const uv_buf_t& bytes, const sockaddr* from,
                             unsigned flags) {
  if (size < 0) {
    ++counters_.receive_errors;
    return;
  }
  if (from == nullptr) return;  // nothing more to read, or the buffer comes back
  if ((flags & UV_UDP_PARTIAL) != 0) {
    ++counters_.receive_truncated;
    return;
  }
  ++counters_.datagrams_received;
  Received received;
  received.bytes = {reinterpret_cast<const std::uint8_t*>(bytes.base),
                    static_cast<std::size_t>(size)};
  received.segment_size = received.bytes.size();
  received.path.remote = from_system(from);
  if (!is_wildcard(local_)) received.path.local = local_;
  listener_->on_received(monotonic_now(), received);
}

SendResult PortableSocket::send(const Transmit& transmit, std::span<const std::uint8_t> bytes) {
  HAWSER_ASSERT(!bytes.empty() && transmit.segment_size > 0);
  const SystemAddress name = to_system(transmit.path.remote, local_.family);
  SendResult result;
  while (result.status == SendStatus::sent && result.bytes_taken < bytes.size()) {
    const std::size_t size = std::min(transmit.segment_size, bytes.size() - result.bytes_taken);
    const auto* data = reinterpret_cast<const char*>(bytes.data() + result.bytes_taken);
    const uv_buf_t buffer = uv_buf_init(const_cast<char*>(data), static_cast<unsigned>(size));
    ++counters_.send_calls;
    const int sent = uv_udp_try_send(&udp_, &buffer, 1, name.get());
    if (sent == UV_EAGAIN) {
      result.status = send_later(buffer, name.get());
    } else if (sent == UV_EMSGSIZE) {
      ++counters_.sends_too_large;
      result.status = SendStatus::too_large;
      result.datagram_size_limit = datagram_size_limit(transmit.path.remote);
    } else if (sent < 0) {
      ++counters_.sends_refused;
      result.status = SendStatus::refused;
    }
    if (result.status == SendStatus::sent || result.status == SendStatus::blocked) {
      result.bytes_taken += size;
      ++counters_.datagrams_sent;
    }
  }
  return result;
}

SendStatus PortableSocket::send_later(uv_buf_t bytes, const sockaddr* to) {
  request_.data = this;
  const int error =
      uv_udp_send(&request_, &udp_, &bytes, 1, to, [](uv_udp_send_t* request, int status) {
        static_cast<PortableSocket*>(request->data)->on_sent_later(status);
      });
  ++(error == 0 ? counters_.sends_blocked : counters_.sends_refused);
  return error == 0 ? SendStatus::blocked : SendStatus::refused;
}

void PortableSocket::on_sent_later(int status) {
  if (status < 0) ++counters_.sends_refused;
  if (listener_ != nullptr) listener_->on_writable();
}

void PortableSocket::set_referenced(bool is_referenced) {
  auto* handle = reinterpret_cast<uv_handle_t*>(&udp_);
  is_referenced ? uv_ref(handle) : uv_unref(handle);
}

void PortableSocket::close(CloseBarrier& barrier) {
  // libuv still reports the datagram that it keeps; nobody waits for it any more.
  listener_ = nullptr;
  barrier.close(udp_);
}

}  // namespace hawser::rim
