#pragma once
/// An endpoint on the caller's libuv loop and on real sockets.
///
/// Belongs to the loop's thread; `post` is the one call allowed from another. Handlers run from the
/// loop, never inside a call of the application.
/// Life cycle: create on a loop -> ... -> `close(callback)`; the object may be destroyed once the
/// callback ran (destroying it earlier, be it in a handler, closes it and finishes when the loop
/// runs on; an event handed to that handler is then gone, as are tasks and connects under way). No
/// handle is left behind: `uv_loop_close` then returns 0.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "hawser/endpoint.h"

struct uv_loop_s;

namespace hawser {

/// The operating system's randomness. The only source fit for a real endpoint.
class SystemRandom final : public RandomSource {
 public:
  std::uint64_t next() override;
};

/// How the socket is driven.
enum class UvDriver : std::uint8_t {
  automatic,      ///< `linux` where it is available, else `portable`
  linux_batched,  ///< own socket calls: segmentation offload, batched reads, ECN, timerfd
  portable        ///< plain `uv_udp_t`
};

struct UvEndpointConfig {
  EndpointConfig endpoint;
  /// Where to bind. An IPv6 wildcard ("[::]:0") serves IPv4 too.
  SocketAddress bind;
  UvDriver driver = UvDriver::automatic;
  /// An endpoint without connections does not keep the loop alive. Off for servers.
  bool unref_when_idle = false;
  /// Asked of the kernel for the socket's two buffers; it may give less.
  ByteCount socket_buffer{4 << 20};
};

class UvEndpoint {
 public:
  using EventHandler = std::function<void(Event&)>;

  /// Binds and starts. Errors: `invalid_config`, the system's (`address_in_use`, ...).
  static Result<std::unique_ptr<UvEndpoint>> create(uv_loop_s* loop, UvEndpointConfig config,
                                                    EventHandler on_event);
  ~UvEndpoint();
  UvEndpoint(const UvEndpoint&) = delete;
  UvEndpoint& operator=(const UvEndpoint&) = delete;

  // As in Endpoint; what they cause to be sent leaves before the loop sleeps.
  [[nodiscard]] Result<ConnectionHandle> connect(const ConnectOptions& options);
  [[nodiscard]] Result<MessageId> send(ConnectionHandle connection, Buffer message,
                                       const SendOptions& options = {});
  [[nodiscard]] Result<MessageId> send(ConnectionHandle connection,
                                       std::span<const std::uint8_t> bytes,
                                       const SendOptions& options = {});
  std::error_code close(ConnectionHandle connection);
  std::error_code abort(ConnectionHandle connection, std::uint64_t code = 0,
                        std::string_view phrase = {});
  void stop_accepting();
  Result<ConnectionStats> stats(ConnectionHandle connection) const;
  EndpointStats stats() const;
  SocketStats socket_stats() const;
  MemoryPool& pool();

  /// Resolves "host:port" on the loop and connects to the first address. `done` runs from the loop.
  /// Refused (false, and `done` never runs) once closing.
  bool connect_to(std::string_view host_and_port, ConnectionConfig config,
                  std::function<void(Result<ConnectionHandle>)> done);
  /// Runs `task` on the loop's thread soon. Thread-safe; refused (false) once closing.
  bool post(std::function<void()> task);
  /// The address really bound, with the port that the system chose.
  SocketAddress local_address() const;
  UvDriver driver() const;
  /// Aborts open connections, closes all handles, then runs `done` from the loop. Does nothing once
  /// an earlier call is done.
  void close(std::function<void()> done);

  class Impl;

 private:
  explicit UvEndpoint(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hawser
