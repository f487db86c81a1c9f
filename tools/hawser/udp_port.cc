#include "tools/hawser/udp_port.h"

#include <algorithm>
#include <utility>

#include "transport/uv/driver_parts.h"

namespace hawser::cli {

/// Outlives the port by as long as closing takes.
class UdpPort::Socket final : public rim::UdpSocket::Listener {
 public:
  Socket(std::unique_ptr<rim::UdpSocket> socket, Handler on_arrival)
      : socket_(std::move(socket)), on_arrival_(std::move(on_arrival)) {}

  std::error_code start() { return socket_->start(*this); }
  SocketAddress address() const { return socket_->local_address(); }

  bool send(const SocketAddress& to, Buffer bytes, Ecn ecn) {
    if (!waiting_.bytes.is_null() || bytes.size() == 0) return false;
    waiting_ = {.to = to, .bytes = std::move(bytes), .ecn = ecn};
    return send_waiting();
  }

  void on_received(TimePoint now, const Received& received) override {
    auto rest = received.bytes;
    do {
      const auto bytes = rest.first(std::min(received.segment_size, rest.size()));
      rest = rest.subspan(bytes.size());
      if (on_arrival_) {
        on_arrival_({.now = now,
                     .from = received.path.remote,
                     .bytes = bytes,
                     .ecn = received.ecn,
                     .waited = socket_->time_in_buffer()});
      }
    } while (!rest.empty());
  }
  void on_writable() override {
    if (waiting_.is_taken) return waiting_.bytes.reset();
    // It was accepted before; the system's refusal is UDP's way to lose it.
    if (!waiting_.bytes.is_null()) (void)send_waiting();
  }

  static void close(std::unique_ptr<Socket> socket) {
    socket->on_arrival_ = nullptr;
    Socket* closing = socket.release();
    closing->barrier_.enter();
    closing->socket_->close(closing->barrier_);
    closing->waiting_.bytes.reset();  // its pool may be gone before the socket is
    closing->barrier_.leave();
  }

 private:
  // A datagram that keeps the socket until it is writable again.
  struct Waiting {
    SocketAddress to;
    Buffer bytes;
    Ecn ecn = Ecn::not_ect;
    bool is_taken = false;  // by the socket, which only needs the bytes a little longer
  };

  bool send_waiting() {
    const std::size_t size = waiting_.bytes.size();
    const rim::SendResult result = socket_->send({.path = {.local = {}, .remote = waiting_.to},
                                                  .ecn = waiting_.ecn,
                                                  .segment_size = size,
                                                  .bytes = size},
                                                 waiting_.bytes.bytes());
    waiting_.is_taken = result.bytes_taken > 0;
    if (result.status == rim::SendStatus::blocked) return true;  // it leaves a little later
    waiting_.bytes.reset();
    return result.status == rim::SendStatus::sent;
  }

  std::unique_ptr<rim::UdpSocket> socket_;
  Handler on_arrival_;
  Waiting waiting_;
  rim::CloseBarrier barrier_{[this] { delete this; }};
};

Result<std::unique_ptr<UdpPort>> UdpPort::open(EventLoop& loop, const SocketAddress& bind,
                                               Handler on_arrival) {
  auto parts = rim::parts_of(UvDriver::automatic);
  if (!parts) return parts.error();
  auto socket = parts->open_socket(loop.get(), {.bind = bind, .arrival_times = true});
  if (!socket) return socket.error();
  return over(std::move(*socket), std::move(on_arrival));
}

Result<std::unique_ptr<UdpPort>> UdpPort::over(std::unique_ptr<rim::UdpSocket> socket,
                                               Handler on_arrival) {
  std::unique_ptr<UdpPort> port(
      new UdpPort(std::make_unique<Socket>(std::move(socket), std::move(on_arrival))));
  if (const std::error_code error = port->socket_->start()) return error;
  return port;
}

UdpPort::UdpPort(std::unique_ptr<Socket> socket) : socket_(std::move(socket)) {}
UdpPort::~UdpPort() { Socket::close(std::move(socket_)); }
SocketAddress UdpPort::address() const { return socket_->address(); }
bool UdpPort::send(const SocketAddress& to, Buffer bytes, Ecn ecn) {
  return socket_->send(to, std::move(bytes), ecn);
}

}  // namespace hawser::cli
