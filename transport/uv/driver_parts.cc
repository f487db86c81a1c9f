#include "transport/uv/driver_parts.h"

#include <utility>

#include "transport/uv/portable_socket.h"

#ifdef __linux__
#include "transport/uv/linux_socket.h"
#include "transport/uv/timerfd_timer.h"
#endif

namespace hawser::rim {

namespace {

template <typename Interface, typename Part>
Result<std::unique_ptr<Interface>> as(Result<std::unique_ptr<Part>> part) {
  if (!part) return part.error();
  return std::unique_ptr<Interface>(std::move(*part));
}

DriverParts portable_parts() {
  return {
      .driver = UvDriver::portable,
      .open_socket =
          [](uv_loop_t* loop, const SocketOptions& options) {
            return as<UdpSocket>(PortableSocket::open(loop, options));
          },
      .make_timer =
          [](uv_loop_t* loop, std::function<void()> on_due) {
            Result timer = std::make_unique<UvTimer>(loop, std::move(on_due));
            return as<DeadlineTimer>(std::move(timer));
          },
  };
}

#ifdef __linux__
DriverParts linux_parts() {
  return {
      .driver = UvDriver::linux_batched,
      .open_socket =
          [](uv_loop_t* loop, const SocketOptions& options) {
            return as<UdpSocket>(LinuxSocket::open(loop, options));
          },
      .make_timer =
          [](uv_loop_t* loop, std::function<void()> on_due) {
            return as<DeadlineTimer>(TimerfdTimer::create(loop, std::move(on_due)));
          },
  };
}
#endif

}  // namespace

Result<DriverParts> parts_of(UvDriver driver) {
  if (driver == UvDriver::portable) return portable_parts();
#ifdef __linux__
  return linux_parts();
#else
  if (driver == UvDriver::automatic) return portable_parts();
  return std::make_error_code(std::errc::function_not_supported);
#endif
}

}  // namespace hawser::rim
