#pragma once
/// "host:port" to an address, through libuv's worker threads.
///
/// Owned by the driver; on the loop's thread only. A look-up under way keeps the loop alive.

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include <uv.h>

#include "hawser/address.h"
#include "hawser/result.h"
#include "transport/uv/close_barrier.h"

namespace hawser::rim {

class NameResolver {
 public:
  using Done = std::function<void(Result<SocketAddress>)>;

  /// Finds addresses that a socket bound to `local` can send to.
  NameResolver(uv_loop_t* loop, const SocketAddress& local);
  NameResolver(const NameResolver&) = delete;
  NameResolver& operator=(const NameResolver&) = delete;
  ~NameResolver();

  /// Calls `done` from the loop with the first address found. An error returned here (the text is
  /// no "host:port", or the name cannot be asked for) means that `done` is never called.
  [[nodiscard]] std::error_code resolve(std::string_view host_and_port, Done done);
  /// Ends what is under way with `connection_closing`; nothing may be asked for any more. The
  /// object must live until `barrier` opens.
  void close(CloseBarrier& barrier);
  /// What is under way calls nobody back any more.
  void forget();

 private:
  struct Lookup;
  void finish(Lookup& lookup, int status, addrinfo* found);

  uv_loop_t* loop_;
  SocketAddress local_;
  CloseBarrier* barrier_ = nullptr;
  std::vector<std::unique_ptr<Lookup>> lookups_;
};

}  // namespace hawser::rim
