#include "tools/netsim/hold_back.h"

#include <algorithm>
#include <utility>

#include "hawser/assert.h"

namespace hawser::netsim {

void HoldBack::hold(Release&& datagram, std::uint32_t depth) {
  HAWSER_ASSERT(depth > 0 && !is_full());
  const TimePoint deadline = datagram.arrival + Reordering::kHeldMax;
  held_.push_back({std::move(datagram), deadline, depth});
}

bool HoldBack::note_arrival(TimePoint arrival) {
  bool overtakes = false;
  for (Held& held : held_) {
    if (arrival > held.deadline) continue;
    overtakes = true;
    if (held.missing > 0) --held.missing;
    held.release.arrival = std::max(held.release.arrival, arrival);
  }
  return overtakes;
}

std::optional<HoldBack::Release> HoldBack::poll_overtaken() {
  const auto found =
      std::ranges::find_if(held_, [](const Held& held) { return held.missing == 0; });
  if (found == held_.end()) return std::nullopt;
  return take(found);
}

std::optional<HoldBack::Release> HoldBack::poll_overdue(TimePoint now) {
  const auto found =
      std::ranges::find_if(held_, [&](const Held& held) { return held.deadline <= now; });
  if (found == held_.end()) return std::nullopt;
  found->release.arrival = found->deadline;
  return take(found);
}

TimePoint HoldBack::next_deadline() const {
  TimePoint next = kNever;
  for (const Held& held : held_) next = std::min(next, held.deadline);
  return next;
}

HoldBack::Release HoldBack::take(std::vector<Held>::iterator held) {
  Release release = std::move(held->release);
  held_.erase(held);
  return release;
}

}  // namespace hawser::netsim
