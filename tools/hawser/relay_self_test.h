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
  bool is_checked = true;  ///< false: nothing arrived that could tell
  bool is_ok() const {
    return !is_checked || (measured >= expected - tolerance && measured <= expected + tolerance);
  }
};

/// What a run through the relay and back came to.
struct SelfTestFigures {
  UdpRelayStats relay;
  std::uint64_t received = 0;         ///< datagrams that arrived
  std::uint64_t echoes_received = 0;  ///< those that came back
  Duration sent_over{0};              ///< how long it took to send all
  Duration arrival_span{0};           ///< from the first to the last that arrived
  LatencyStats latency;               ///< one way
  LatencyStats round_trip;
};

/// Compares what arrived with what both ways should have done. A share is held to within five
/// standard deviations of what chance allows; what the path leaves open (bursts by time, jitter,
/// changes on the way) is not compared.
std::vector<SelfTestCheck> compare(const netsim::PathConfig& path, const SelfTestFigures& figures);

}  // namespace hawser::cli
