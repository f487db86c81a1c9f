#pragma once
/// What is on its way through a link, ordered by (arrival, insertion). Owned by the link.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "hawser/netsim/datagram.h"
#include "hawser/time.h"
#include "tools/netsim/ring.h"

namespace hawser::netsim {

/// A ring for those that arrive after all before them, which is all of them unless there is jitter,
/// and a heap for those that overtake. Not thread-safe.
class DelayLine {
 public:
  /// Returns whether the datagram overtakes one that is still on its way.
  bool insert(TimePoint arrival, Datagram&& datagram) {
    Entry entry{arrival, next_insertion_++, std::move(datagram)};
    // The ring's back is the last of all to arrive, for the heap holds only what came in before it.
    if (in_order_.empty() || arrival >= in_order_.back().arrival) {
      in_order_.push_back(std::move(entry));
      return false;
    }
    overtaking_.push_back(std::move(entry));
    std::push_heap(overtaking_.begin(), overtaking_.end(), arrives_later);
    return true;
  }
  bool empty() const { return in_order_.empty(); }
  std::size_t size() const { return in_order_.size() + overtaking_.size(); }
  /// When the last of all arrives. Must not be empty.
  TimePoint last_arrival() const { return in_order_.back().arrival; }
  /// When the next one arrives, or `kNever`.
  TimePoint next_arrival() const {
    if (empty()) return kNever;
    return heap_is_next() ? overtaking_.front().arrival : in_order_.front().arrival;
  }
  /// The next one to arrive. Must not be empty.
  Datagram take_next() {
    if (!heap_is_next()) {
      Datagram datagram = std::move(in_order_.front().datagram);
      in_order_.drop_front();
      // It was written a whole delay ago: fetched now, it is at hand when its turn comes.
      if (!empty()) in_order_.front().datagram.bytes.prefetch();
      return datagram;
    }
    std::pop_heap(overtaking_.begin(), overtaking_.end(), arrives_later);
    Datagram datagram = std::move(overtaking_.back().datagram);
    overtaking_.pop_back();
    return datagram;
  }

 private:
  struct Entry {
    TimePoint arrival;
    std::uint64_t insertion = 0;
    Datagram datagram;
  };
  static bool arrives_later(const Entry& a, const Entry& b) {
    return a.arrival != b.arrival ? a.arrival > b.arrival : a.insertion > b.insertion;
  }
  bool heap_is_next() const {
    return !overtaking_.empty() && arrives_later(in_order_.front(), overtaking_.front());
  }

  Ring<Entry> in_order_;
  std::vector<Entry> overtaking_;
  std::uint64_t next_insertion_ = 0;
};

}  // namespace hawser::netsim
