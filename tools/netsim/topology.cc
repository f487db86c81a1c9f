#include "hawser/netsim/topology.h"

#include "tools/netsim/misuse.h"

namespace hawser::netsim {

BottleneckRow::BottleneckRow(Network& network, const std::vector<PathConfig>& hops) {
  if (hops.empty()) refuse_misuse("BottleneckRow", "it needs at least one hop");
  for (std::size_t i = 0; i < hops.size(); ++i) {
    const std::string suffix = hops.size() == 1 ? "" : std::to_string(i + 1);
    hops_.push_back(network.add_path(hops[i], suffix));
  }
}

Route BottleneckRow::across(std::size_t first, std::size_t last) const {
  FieldCheck check;
  check.in("last", std::uint64_t{last}, std::uint64_t{0}, std::uint64_t{hops_.size() - 1})
      .in("first", std::uint64_t{first}, std::uint64_t{0}, std::uint64_t{last});
  refuse_if("BottleneckRow::across", std::move(check).complaint());
  Route route;
  for (std::size_t i = first; i <= last; ++i) route.up.push_back(hops_[i].up);
  for (std::size_t i = last + 1; i > first; --i) route.down.push_back(hops_[i - 1].down);
  return route;
}

void add_access(Network& network, Route& route, const std::string& name, const LinkConfig& access) {
  route.up.insert(route.up.begin(), network.add_link(name + "-up", access));
  route.down.push_back(network.add_link(name + "-down", access));
}

}  // namespace hawser::netsim
