#include "tools/netsim/recent_routes.h"

#include <algorithm>

#include "hawser/assert.h"
#include "hawser/random.h"

namespace hawser::netsim {

void RecentRoutes::note(const Datagram& datagram) {
  const Route route = route_of(datagram);
  const auto end = routes_.begin() + static_cast<std::ptrdiff_t>(size_);
  if (std::find(routes_.begin(), end, route) != end) return;
  if (size_ < kRoutesMax) {
    routes_[size_++] = route;
    return;
  }
  routes_[oldest_] = route;
  oldest_ = (oldest_ + 1) % kRoutesMax;
}

void RecentRoutes::redirect(Datagram& datagram, std::uint64_t seed) const {
  HAWSER_ASSERT(has_another());
  const auto end = routes_.begin() + static_cast<std::ptrdiff_t>(size_);
  const auto own = std::find(routes_.begin(), end, route_of(datagram));
  HAWSER_ASSERT(own != end);
  const auto others = size_ - 1;
  const auto steps = 1 + static_cast<std::size_t>(SeededRandom(seed).below(others));
  const Route& route = routes_[(static_cast<std::size_t>(own - routes_.begin()) + steps) % size_];
  datagram.source = route.source;
  datagram.destination = route.destination;
  datagram.tag = route.tag;
}

}  // namespace hawser::netsim
