#pragma once
/// What a driver consists of: how its endpoint gets a socket and a timer.
///
/// `UvEndpoint` takes them from `parts_of`; tests put their own in between.

#include <functional>
#include <memory>

#include <uv.h>

#include "hawser/uv_endpoint.h"
#include "transport/uv/deadline_timer.h"
#include "transport/uv/udp_socket.h"

namespace hawser::rim {

struct DriverParts {
  UvDriver driver = UvDriver::portable;
  std::function<Result<std::unique_ptr<UdpSocket>>(uv_loop_t*, const SocketOptions&)> open_socket;
  std::function<Result<std::unique_ptr<DeadlineTimer>>(uv_loop_t*, std::function<void()> on_due)>
      make_timer;
};

/// Errors: `std::errc::function_not_supported` where the system has no such driver.
Result<DriverParts> parts_of(UvDriver driver);

}  // namespace hawser::rim
