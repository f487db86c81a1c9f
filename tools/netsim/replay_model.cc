#include "tools/netsim/replay_model.h"

#include <algorithm>

namespace hawser::netsim {

void ReplayModel::draw(Probability probability) {
  ++seen_;
  // The first ones are taken as they come.
  const std::uint64_t drawn = samples_.below(seen_);
  const std::uint64_t place = seen_ <= kKeptMax ? seen_ - 1 : drawn;
  place_ = static_cast<std::size_t>(std::min<std::uint64_t>(place, kKeptMax));
  is_followed_ = probability.draw(choices_);
  choice_ = choices_.next();
}

void ReplayModel::keep(TimePoint now, const Datagram& datagram) {
  if (place_ == kKeptMax) return;
  if (place_ < kept_.size()) {
    kept_[place_] = {now, datagram};
  } else {
    kept_.push_back({now, datagram});
  }
}

std::optional<Datagram> ReplayModel::poll(TimePoint now, Duration age_min) {
  if (!is_followed_) return std::nullopt;
  is_followed_ = false;
  const auto is_old = [&](const Kept& kept) { return now - kept.offered >= age_min; };
  const auto count = static_cast<std::uint64_t>(std::ranges::count_if(kept_, is_old));
  if (count == 0) return std::nullopt;
  std::uint64_t skipped = choice_ % count;
  const auto chosen =
      std::ranges::find_if(kept_, [&](const Kept& kept) { return is_old(kept) && skipped-- == 0; });
  return chosen->datagram;
}

}  // namespace hawser::netsim
