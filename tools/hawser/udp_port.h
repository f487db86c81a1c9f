#pragma once
/// A UDP socket for one datagram at a time, over the rim's sockets. Closes itself. On the loop's
/// thread only.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "hawser/address.h"
#include "hawser/buffer.h"
#include "hawser/result.h"
#include "hawser/time.h"
#include "tools/hawser/event_loop.h"
#include "transport/uv/udp_socket.h"

namespace hawser::cli {

class UdpPort {
 public:
  struct Arrival {
    TimePoint now;
    SocketAddress from;
    std::span<const std::uint8_t> bytes;  ///< valid during the call
    Ecn ecn = Ecn::not_ect;
    Duration waited{0};  ///< in the system's buffer before `now`, where it tells
  };
  /// Called from the loop. Must not destroy the port.
  using Handler = std::function<void(const Arrival& arrival)>;

  /// Errors: the system's (`address_in_use`, ...).
  static Result<std::unique_ptr<UdpPort>> open(EventLoop& loop, const SocketAddress& bind,
                                               Handler on_arrival);
  /// The same over a socket that is there already.
  static Result<std::unique_ptr<UdpPort>> over(std::unique_ptr<rim::UdpSocket> socket,
                                               Handler on_arrival);
  ~UdpPort();
  UdpPort(const UdpPort&) = delete;
  UdpPort& operator=(const UdpPort&) = delete;

  /// The bound address, with the port that the system chose.
  SocketAddress address() const;
  /// A datagram that finds the system's buffer full waits for room, one at a time. False if the
  /// system refused it, another one waits, or it is empty (the rim sends none such): it is lost
  /// then, as is UDP's way.
  bool send(const SocketAddress& to, Buffer bytes, Ecn ecn = Ecn::not_ect);

 private:
  class Socket;
  explicit UdpPort(std::unique_ptr<Socket> socket);
  std::unique_ptr<Socket> socket_;
};

}  // namespace hawser::cli
