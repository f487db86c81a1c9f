#pragma once
/// Finds a channel among those of one connection, which both directions keep sorted by id.

#include <cstddef>

#include "hawser/pool_ring.h"
#include "hawser/units.h"

namespace hawser {

/// Where the channel stands in `channels`, or would.
template <typename Channel>
std::size_t channel_position(const PoolRing<Channel*>& channels, ChannelId id) {
  std::size_t low = 0;
  std::size_t high = channels.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (channels[middle]->id < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace hawser
