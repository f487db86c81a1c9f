#pragma once
/// Shapes of networks: bottlenecks in a row, and clients with links of their own before them.
///
///     client --access--> [hop 0] --> [hop 1] --> [hop 2] --> server        whole row
///                              client --> [hop 1] --> server               hop 1 alone
///
/// One hop makes a dumbbell: any number of clients whose access links differ share it. Several make
/// a parking lot: a flow along the row meets others at each hop.

#include <cstddef>
#include <string>
#include <vector>

#include "hawser/netsim/network.h"

namespace hawser::netsim {

/// The bottlenecks of a network, which must outlive it. Not thread-safe.
class BottleneckRow {
 public:
  /// A hop for each configuration, at least one (else it aborts with a line that says so). The
  /// links of a single one are called "up" and "down", those of several "up1", "down1", "up2" ...
  BottleneckRow(Network& network, const std::vector<PathConfig>& hops);

  std::size_t size() const { return hops_.size(); }
  const Path& hop(std::size_t index) const { return hops_.at(index); }
  /// The way of a client that enters before hop `first` and whose server stands behind hop `last`
  /// (not before `first`, and within the row, as above), both counted from 0.
  Route across(std::size_t first, std::size_t last) const;
  Route across_all() const { return across(0, size() - 1); }

 private:
  std::vector<Path> hops_;
};

/// Puts links of the client's own at its end of a route: `name`-up and `name`-down.
void add_access(Network& network, Route& route, const std::string& name, const LinkConfig& access);

}  // namespace hawser::netsim
