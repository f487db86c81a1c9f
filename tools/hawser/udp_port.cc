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
    if (!waiting_.is_null()) return false;
    waiting_ = std::move(bytes);
    const rim::SendResult result = socket_->send({.path = {.local = {}, .remote = to},
                                                  .ecn = ecn,
                                                  .segment_size = waiting_.size(),
                                                  .bytes = waiting_.size()},
                                                 waiting_.bytes());
    if (result.status == rim::SendStatus::blocked) return true;  // it leaves a little later
    waiting_.reset();
    return result.status == rim::SendStatus::sent;
  }

  void on_received(TimePoint now, const Received& received) override {
    auto rest = received.bytes;
    do {
      const auto bytes = rest.first(std::min(received.segment_size, rest.size()));
      rest = rest.subspan(bytes.size());
      if (on_arrival_) {
        on_arrival_(
            {.now = now, .from = received.path.remote, .bytes = bytes, .ecn = received.ecn});
      }
    } while (!rest.empty());
  }
  void on_writable() override { waiting_.reset(); }

  static void close(std::unique_ptr<Socket> socket) {
    socket->on_arrival_ = nullptr;
    Socket* closing = socket.release();
    closing->barrier_.enter();
    closing->socket_->close(closing->barrier_);
    closing->waiting_.reset();  // its pool may be gone before the socket is
    closing->barrier_.leave();
  }

 private:
  std::unique_ptr<rim::UdpSocket> socket_;
  Handler on_arrival_;
  Buffer waiting_;  // the socket's until it is writable again
  rim::CloseBarrier barrier_{[this] { delete this; }};
};

Result<std::unique_ptr<UdpPort>> UdpPort::open(EventLoop& loop, const SocketAddress& bind,
                                               Handler on_arrival) {
  auto parts = rim::parts_of(UvDriver::automatic);
  if (!parts) return parts.error();
  auto socket = parts->open_socket(loop.get(), {.bind = bind});
  if (!socket) return socket.error();
  std::unique_ptr<UdpPort> port(
      new UdpPort(std::make_unique<Socket>(std::move(*socket), std::move(on_arrival))));
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
