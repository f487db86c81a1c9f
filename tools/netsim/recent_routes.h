#pragma once
/// Where a misdelivered datagram may go. Owned by the link.

#include <array>
#include <cstddef>
#include <cstdint>

#include "hawser/netsim/datagram.h"

namespace hawser::netsim {

/// The addresses of recent datagrams, each pair once. Not thread-safe.
class RecentRoutes {
 public:
  static constexpr std::size_t kRoutesMax = 16;
  /// Takes the datagram's addresses in; beyond `kRoutesMax` different ones the oldest goes.
  void note(const Datagram& datagram);
  /// Whether there is another route than that of the datagram noted last.
  bool has_another() const { return size_ > 1; }
  /// Gives the datagram, which was noted last, the addresses of another one: any with the same
  /// chance. There must be one (asserted).
  void redirect(Datagram& datagram, std::uint64_t seed) const;

 private:
  struct Route {
    SocketAddress source;
    SocketAddress destination;
    std::uint64_t tag = 0;
    bool operator==(const Route&) const = default;
  };
  static Route route_of(const Datagram& datagram) {
    return {datagram.source, datagram.destination, datagram.tag};
  }
  std::array<Route, kRoutesMax> routes_{};
  std::size_t size_ = 0;
  std::size_t oldest_ = 0;
};

}  // namespace hawser::netsim
