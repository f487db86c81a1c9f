#pragma once
/// Datagrams that nobody controls: what others send through the same bottleneck. Constant, or in
/// bursts whose lengths are left to chance.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "hawser/netsim/network.h"
#include "hawser/random.h"

namespace hawser::netsim {

struct CrossTrafficConfig {
  SocketAddress client{};  ///< behind the route; free in the network, as is the server's
  SocketAddress server{};
  Route route{};  ///< the client's
  bool is_from_server = false;
  /// Of what is sent, payload + 28, while it is on; neither zero nor infinite. Datagrams are
  /// clocked by the time that it is on: a burst begins with the rest of the interval at which the
  /// last one ended, so that bursts shorter than an interval keep the mean too.
  Bandwidth rate = Bandwidth::bits_per_second(1'000'000);
  ByteCount payload{1172};  ///< of each datagram
  /// On and off for exponentially distributed times of these means, neither or both of them zero:
  /// zero is always on. It begins with a burst, and that with a datagram.
  Duration mean_on{0};
  Duration mean_off{0};
  Duration start{0};  ///< since the start of the run
  Duration stop = kForever;
  std::uint64_t seed = 1;  ///< draws from (seed, client's address)

  /// What is wrong, as one line; nothing if all is well. `CrossTraffic` refuses it: it prints that
  /// line and aborts.
  std::optional<std::string> validate() const;
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
  /// Sees every datagram as it is sent, with its source.
  void set_transmit_observer(
      std::function<void(TimePoint now, const Datagram& datagram)> observer) {
    on_transmit_ = std::move(observer);
  }

  void on_wake(TimePoint now) override;

 private:
  void on_datagram(TimePoint now, Datagram&& datagram) override;
  void begin_burst(TimePoint now);
  void go_on(TimePoint now);
  void send(TimePoint now);

  EventQueue* events_;
  Network* network_;
  CrossTrafficConfig config_;
  SeededRandom random_;
  TimePoint stop_;
  Duration interval_;  // from one datagram to the next
  Duration wait_{0};   // until the next one, of the time that it is on
  HostId client_{};
  HostId server_{};
  TimePoint burst_end_ = kNever;
  bool is_off_ = false;
  Stats stats_;
  std::function<void(TimePoint now, const Datagram& datagram)> on_transmit_;
};

}  // namespace hawser::netsim
