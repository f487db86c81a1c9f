#pragma once
/// What a relay is doing, a line every so often on standard error. On the loop's thread only.

#include <string>

#include "tools/hawser/event_loop.h"
#include "tools/hawser/udp_relay.h"

namespace hawser::cli {

/// One line about what happened between two looks: rates over `elapsed`, counts since the first.
std::string describe_interval(const UdpRelayStats& before, const UdpRelayStats& after,
                              Duration elapsed);

class RelayMonitor {
 public:
  /// Prints from now on, every `interval` (positive, asserted). The relay must outlive it.
  RelayMonitor(EventLoop& loop, const UdpRelay& relay, Duration interval);

 private:
  void show();

  const UdpRelay* relay_;
  Duration interval_;
  TimePoint start_;
  TimePoint last_;
  UdpRelayStats before_;
  Alarm alarm_;
};

}  // namespace hawser::cli
