#pragma once
/// Datagrams for the tests of queues: 1200 bytes on the wire, numbered by their tags.

#include <cstdint>
#include <utility>

#include "hawser/netsim/event_queue.h"
#include "tools/netsim/queue_discipline.h"

namespace hawser::netsim {

class QueueHarness {
 public:
  static constexpr TimePoint kStart = EventQueue::kStart;

  Datagram make(std::uint16_t flow, Ecn ecn = Ecn::not_ect, std::size_t payload = 1172) {
    Datagram datagram{.ecn = ecn, .tag = next_tag_++};
    datagram.source = SocketAddress::ipv4({10, 0, 0, 1}, flow);
    datagram.destination = SocketAddress::ipv4({10, 0, 0, 2}, 443);
    datagram.bytes = Buffer::allocate(pool_, payload);
    return datagram;
  }
  QueuedDatagram make_queued(Duration at, std::uint16_t flow, Ecn ecn = Ecn::not_ect) {
    return {make(flow, ecn), kStart + at};
  }

 private:
  MemoryPool pool_;
  std::uint64_t next_tag_ = 0;
};

}  // namespace hawser::netsim
