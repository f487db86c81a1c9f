#include "tools/netsim/host_socket.h"

namespace hawser::netsim {

HostSocket::HostSocket(const HostFaults& faults, SeededRandom random)
    : blocked_(faults.send_blocked),
      blocked_for_(faults.blocked_for),
      refused_(faults.send_refused),
      random_(random) {}

std::optional<Datagram> HostSocket::poll(TimePoint now) {
  while (!backlog_.empty() && now >= blocked_until_) {
    if (!blocked_.is_zero() && blocked_.draw(random_)) {
      ++counters_.blocked;
      blocked_until_ = now + blocked_for_;
      break;
    }
    Datagram datagram = backlog_.take_front();
    if (refused_.is_zero() || !refused_.draw(random_)) return datagram;
    ++counters_.refused;
  }
  return std::nullopt;
}

void HostSocket::clear() {
  while (!backlog_.empty()) (void)backlog_.take_front();
  blocked_until_ = {};
}

}  // namespace hawser::netsim
