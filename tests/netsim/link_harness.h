#pragma once
/// A link with a pool and a clock, as most tests of this folder want it.

#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "hawser/netsim/event_queue.h"
#include "hawser/netsim/link.h"

namespace hawser::netsim {

/// Datagrams carry their number in the tag and, if they are large enough, in the first four bytes.
class LinkHarness {
 public:
  static constexpr TimePoint kStart = EventQueue::kStart;

  struct Delivery {
    std::uint32_t number;
    Duration at;  // since the start
    bool operator==(const Delivery&) const = default;
  };

  explicit LinkHarness(const LinkConfig& config, std::uint64_t seed = 7)
      : link({.number = 0, .seed = seed, .start = kStart}, config, pool) {}

  Datagram make(std::uint32_t number, std::size_t size = 1172, Ecn ecn = Ecn::ect0) {
    Datagram datagram{.tag = number};
    datagram.bytes = Buffer::allocate(pool, size);
    const auto bytes = datagram.bytes.writable();
    for (std::uint8_t& byte : bytes) byte = 0xA5;
    if (size >= sizeof number) std::memcpy(bytes.data(), &number, sizeof number);
    datagram.ecn = ecn;
    return datagram;
  }
  void offer(Duration at, std::uint32_t number, std::size_t size = 1172) {
    link.offer(kStart + at, make(number, size));
  }
  /// Offers `count` datagrams, numbered from 0, one every `interval` from the start on, and takes
  /// out what arrives meanwhile, each at its own time.
  void offer_many(std::uint32_t count, Duration interval) {
    for (std::uint32_t i = 0; i < count; ++i) {
      take_until(interval * i);
      offer(interval * i, i, sizeof i);
    }
    take_until(std::chrono::hours(100));
  }
  /// Wakes the link whenever it asks to be, up to that time.
  void take_until(Duration at) {
    while (link.next_timeout() <= kStart + at) {
      const TimePoint now = link.next_timeout();
      ++wakes;
      while (auto datagram = link.poll(now)) {
        deliveries.push_back({number_of(*datagram), now - kStart});
        if (keeps_datagrams) datagrams.push_back(*std::move(datagram));
      }
    }
  }
  /// Takes out all that is inside, whenever it arrives.
  void take_all() { take_until(std::chrono::hours(100)); }

  static std::uint32_t number_of(const Datagram& datagram) {
    return static_cast<std::uint32_t>(datagram.tag);
  }
  std::vector<std::uint32_t> numbers() const {
    std::vector<std::uint32_t> numbers;
    for (const Delivery& delivery : deliveries) numbers.push_back(delivery.number);
    return numbers;
  }
  LinkStats stats(Duration at = std::chrono::seconds(1)) const { return link.stats(kStart + at); }

  MemoryPool pool;
  Link link;
  std::vector<Delivery> deliveries;
  std::vector<Datagram> datagrams;
  bool keeps_datagrams = false;
  std::uint64_t wakes = 0;
};

}  // namespace hawser::netsim
