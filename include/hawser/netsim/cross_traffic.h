#pragma once
/// Datagrams that nobody controls: what others send through the same bottleneck. Constant, or in
/// bursts whose lengths are left to chance.

#include <cstdint>

#include "hawser/netsim/network.h"
#include "hawser/random.h"

namespace hawser::netsim {

struct CrossTrafficConfig {
  SocketAddress client{};  ///< behind the route; free in the network (asserted), as is the server's
  SocketAddress server{};
  Route route{};  ///< the client's
  bool is_from_server = false;
  /// Of what is sent, payload + 28, while it is on; neither zero nor infinite (asserted).
  Bandwidth rate = Bandwidth::bits_per_second(1'000'000);
  ByteCount payload{1172};  ///< of each datagram
  /// On and off for exponentially distributed times of these means; both zero: always on.
  Duration mean_on{0};
  Duration mean_off{0};
  Duration start{0};  ///< since the start of the run
  Duration stop = kForever;
  std::uint64_t seed = 1;  ///< draws from (seed, client's address)
};

/// Two hosts, one of which sends and one of which counts. Not thread-safe; the queue and the
/// network must outlive it.
class CrossTraffic final : public Actor, private DatagramSink {
 public:
  struct Stats {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    ByteCount bytes_received{0};  ///< payload + 28 each
  };

  CrossTraffic(EventQueue& events, Network& network, const CrossTrafficConfig& config);
  const Stats& stats() const { return stats_; }

  void on_wake(TimePoint now) override;

 private:
  void on_datagram(TimePoint now, Datagram&& datagram) override;
  void begin_burst(TimePoint now);
  void send();

  EventQueue* events_;
  Network* network_;
  CrossTrafficConfig config_;
  SeededRandom random_;
  TimePoint stop_;
  Duration interval_;  // from one datagram to the next
  HostId client_{};
  HostId server_{};
  TimePoint burst_end_ = kNever;
  Stats stats_;
};

}  // namespace hawser::netsim
