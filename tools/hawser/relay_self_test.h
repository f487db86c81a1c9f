#pragma once
/// Whether a relay does to datagrams what its path says: sends a load through it and compares.

#include <string>
#include <vector>

#include "hawser/netsim/link_config.h"
#include "tools/hawser/latency_stats.h"
#include "tools/hawser/udp_relay.h"

namespace hawser::cli {

struct SelfTestCheck {
  std::string what;
  double expected = 0;
  double measured = 0;
  double tolerance = 0;
  bool is_ok() const {
    return measured >= expected - tolerance && measured <= expected + tolerance;
  }
};

/// What a run through the relay came to.
struct SelfTestFigures {
  UdpRelayStats relay;
  std::uint64_t received = 0;  ///< datagrams that arrived
  LatencyStats latency;
};

/// Compares what arrived with what the way up should have done. A share is held to within five
/// standard deviations of what chance allows; what the path leaves open (bursts, jitter, changes on
/// the way) is not compared.
std::vector<SelfTestCheck> compare(const netsim::PathConfig& path, const SelfTestFigures& figures);

}  // namespace hawser::cli
