#pragma once
/// What is behind `UvEndpoint`: one sans-I/O endpoint, one socket, one timer, driven by one loop.
///
/// Whatever happens (datagrams, deadlines, calls of the application) only marks the driver as
/// dirty; the work is done once per turn of the loop, right before it sleeps and right after it
/// woke:
///
///   timers, idle -> [prepare: pump] -> sleep, sockets -> [check: pump] -> closing handles -> ...
///
/// So handlers never run inside a call of the application, and a turn's output leaves in batches.

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <uv.h>

#include "hawser/uv_endpoint.h"
#include "transport/uv/close_barrier.h"
#include "transport/uv/driver_parts.h"
#include "transport/uv/name_resolver.h"
#include "transport/uv/task_queue.h"
#include "transport/uv/udp_socket.h"

namespace hawser {

/// Deletes itself: its memory must stay until the loop has closed the handles.
class UvEndpoint::Impl final : public rim::UdpSocket::Listener {
 public:
  static Result<std::unique_ptr<UvEndpoint>> create(uv_loop_t* loop, UvEndpointConfig config,
                                                    EventHandler on_event,
                                                    const rim::DriverParts& parts);
  ~Impl() override = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // ---- The application's calls (uv_endpoint.h) -------------------------------------------------
  SocketStats socket_stats() const;
  Result<ConnectionHandle> connect(const ConnectOptions& options);
  template <typename Message>
  Result<MessageId> send(ConnectionHandle connection, Message&& message,
                         const SendOptions& options) {
    if (state_ != State::open) return Errc::connection_closing;
    mark_dirty();
    return endpoint_->send(connection, std::forward<Message>(message), options);
  }
  std::error_code close(ConnectionHandle connection);
  std::error_code abort(ConnectionHandle connection, std::uint64_t code, std::string_view phrase);
  void stop_accepting();
  const Endpoint& endpoint() const { return *endpoint_; }
  MemoryPool& pool() { return endpoint_->pool(); }
  bool connect_to(std::string_view host_and_port, ConnectionConfig config,
                  std::function<void(Result<ConnectionHandle>)> done);
  bool post(std::function<void()> task) { return tasks_.post(std::move(task)); }
  SocketAddress local_address() const { return socket_->local_address(); }
  UvDriver driver() const { return driver_; }
  /// Whether the socket sends and shows ECN marks.
  bool has_ecn() const { return driver_ == UvDriver::linux_batched; }
  void close(std::function<void()> done);
  /// The `UvEndpoint` is gone: calls nobody back any more, frees all but the handles at once, and
  /// itself when these are closed.
  void orphan();

  // ---- The socket's listener -------------------------------------------------------------------
  void on_received(TimePoint now, const Received& received) override;
  void on_writable() override;

 private:
  //                                 next turn: last events,
  //   open --close()--> closing --- close datagrams ---> releasing --handles closed--> closed
  //     \------------------------- orphan() --------------^
  enum class State : std::uint8_t { open, closing, releasing, closed };

  /// What the core wrote into `transmit_bytes_` and the kernel has not taken wholly.
  struct Batch {
    Transmit transmit;
    std::size_t offset = 0;
    std::size_t bytes_taken = 0;

    std::size_t end() const { return offset + transmit.bytes; }
    bool has_room() const;
    bool can_take(const Transmit& more) const;
  };

  Impl(uv_loop_t* loop, UvEndpointConfig config, EventHandler on_event);
  std::error_code open(const rim::DriverParts& parts);
  std::error_code open_socket(const rim::DriverParts& parts);

  void mark_dirty();
  void clear_dirty();
  void pump();
  bool deliver_events();
  bool transmit();
  bool gather_batch();
  std::optional<Batch> write_batch(TimePoint now, std::size_t offset);
  bool send_batch();
  void count_dropped(const Transmit& transmit, std::size_t bytes);
  void report_too_large(ByteCount size, ByteCount limit);
  void arm_timer();
  void update_reference();
  void run_tasks();
  void connect_resolved(const Result<SocketAddress>& remote, const ConnectionConfig& config,
                        const std::function<void(Result<ConnectionHandle>)>& done);
  void finish_closing();
  void note(const Event& event);
  void abort_all();
  void release();
  void on_released();

  uv_loop_t* loop_;
  UvEndpointConfig config_;
  EventHandler on_event_;
  SystemRandom random_;
  std::unique_ptr<Endpoint> endpoint_;
  UvDriver driver_ = UvDriver::portable;

  State state_ = State::open;
  bool is_orphan_ = false;
  std::optional<Event>* handled_ = nullptr;  // what a handler is looking at
  bool is_dirty_ = false;                    // something happened since the last pump
  bool is_blocked_ = false;                  // the socket will say when it takes more
  bool has_phases_ = false;
  TimePoint armed_ = kNever;
  std::optional<Batch> batch_;  // the one being sent, and the one written behind it
  std::optional<Batch> next_batch_;
  std::unique_ptr<std::uint8_t[]> transmit_bytes_;
  std::uint64_t datagrams_dropped_ = 0;
  SocketAddress narrowed_;  // the last remote for which a datagram was too large by who knows what
  std::unordered_set<ConnectionHandle> connections_;  // bound: config.endpoint.connections_max
  std::size_t connects_under_way_ = 0;                // `connect_to` that is not done
  std::vector<std::function<void()>> on_closed_;

  rim::CloseBarrier barrier_;
  std::unique_ptr<rim::UdpSocket> socket_;
  std::unique_ptr<rim::DeadlineTimer> timer_;
  std::optional<rim::NameResolver> resolver_;
  rim::TaskQueue tasks_;
  uv_prepare_t prepare_{};
  uv_check_t check_{};
  uv_idle_t idle_{};  // active while dirty: the loop must not sleep
};

}  // namespace hawser
