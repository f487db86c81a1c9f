#pragma once
/// Hosts and the links between them, in virtual time.
///
/// A datagram travels the sender's `up` links, then the receiver's `down` links, and arrives at the
/// receiver's sink. Servers usually have none of their own; clients share a bottleneck and may have
/// access links before it:
///
///     client --access--> [bottleneck up] --> server
///     client <--access-- [bottleneck down] <-- server
///
/// Every client sits behind a NAT: the world sees its public address, which may change (`rebind`),
/// while the client itself sees the address that it was added with. Not thread-safe.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hawser/memory_pool.h"
#include "hawser/netsim/event_queue.h"
#include "hawser/netsim/link.h"
#include "hawser/netsim/trace_hash.h"

namespace hawser::netsim {

/// Takes what arrives at a host. May send from within.
class DatagramSink {
 public:
  virtual ~DatagramSink() = default;
  /// A datagram has arrived. It may be kept, but not beyond the network's life: its bytes are in
  /// the network's pool.
  virtual void on_datagram(TimePoint now, Datagram&& datagram) = 0;
};

/// Names of the parts of one network.
enum class LinkId : std::uint32_t {};
enum class HostId : std::uint32_t {};

/// The two links of an `add_path`.
struct Path {
  LinkId up{};
  LinkId down{};
};

/// What lies between a host and the rest: at most 127 links each way.
struct Route {
  std::vector<LinkId> up{};    ///< from the host, in the order of travel
  std::vector<LinkId> down{};  ///< to the host, in the order of travel
};

/// The links, the hosts and what is under way between them. What cannot be (a configuration that
/// `LinkConfig::validate` complains about, an address that is taken, a route over links that do not
/// exist) prints a line that says so and aborts, in every build.
class Network {
 public:
  /// Counts since the start.
  struct Stats {
    std::uint64_t offered = 0;     ///< datagrams offered to links; each link counts
    std::uint64_t delivered = 0;   ///< handed to sinks
    std::uint64_t unroutable = 0;  ///< sent to an address that nobody has (any more), or without a
                                   ///< link between the two hosts
    std::uint64_t no_memory = 0;   ///< sent without bytes, because the pool had refused them
  };
  /// For the bytes of all datagrams that are under way.
  static constexpr ByteCount kMemoryBudget{std::int64_t{1} << 30};

  /// The start of the run, from which all configured times count, is the queue's present time.
  /// `events` must outlive the network; a sink must be there as long as events run.
  Network(EventQueue& events, std::uint64_t seed, ByteCount memory_budget = kMemoryBudget);
  ~Network();

  /// A link of its own name and number; numbers follow the order of these calls, from 0.
  LinkId add_link(std::string name, const LinkConfig& config);
  /// Two links named "up" and "down", with `suffix` behind, that change as the path says. Its
  /// rebindings are the owner's to schedule (`at` and `rebind`): a path does not know who is behind
  /// it.
  Path add_path(const PathConfig& config, const std::string& suffix = "");
  /// A host of that address (which no other may have). Without a route it is reached by
  /// the links of the others alone.
  HostId add_host(const SocketAddress& address, DatagramSink& sink, Route route = {});

  /// Sends a datagram to its destination. Its source becomes the host's public address. Make its
  /// bytes with `Buffer::copy_of(network.pool(), ...)`.
  void send(HostId from, Datagram&& datagram);
  /// Gives the host a new public address, which nobody has. What is under way to the old one still
  /// arrives; what is sent to it from now on is lost and counted as unroutable.
  void rebind(HostId host, const SocketAddress& public_address);
  /// How the world sees the host now.
  const SocketAddress& public_address(HostId host) const;

  /// Calls `action` that long after the start.
  void at(Duration since_start, std::function<void()> action);
  /// Changes a link's configuration now.
  void change(LinkId link, const LinkConfig& config);
  /// The link's settings and figures. Only the network may offer to it or poll it.
  Link& link(LinkId link);
  const std::string& name(LinkId link) const;
  /// Links have the ids 0 to `link_count()` - 1.
  std::size_t link_count() const { return links_.size(); }

  /// Shows every offer to every link, and every later drop, to one more observer, in the order that
  /// the trace hash sees; it must outlive the run; nullptr for none.
  void set_observer(LinkObserver* observer) { watchers_.other = observer; }

  /// Where the bytes of datagrams live.
  MemoryPool& pool() { return pool_; }
  const Stats& stats() const { return stats_; }
  /// The fingerprint of all that was offered to links so far.
  std::uint64_t trace_hash() const { return watchers_.hash.value(); }

 private:
  class LinkDriver;
  struct Host {
    SocketAddress local;
    SocketAddress public_address;
    DatagramSink* sink = nullptr;
    Route route;
  };
  // A link has one observer.
  struct Watchers final : LinkObserver {
    void on_offered(const OfferedDatagram& offered) override {
      hash.on_offered(offered);
      if (other != nullptr) other->on_offered(offered);
    }
    void on_dropped_later(Duration since_start, std::uint32_t link, std::uint64_t count) override {
      if (other != nullptr) other->on_dropped_later(since_start, link, count);
    }
    TraceHash hash;
    LinkObserver* other = nullptr;
  };
  struct AddressHash {
    std::size_t operator()(const SocketAddress& address) const;
  };
  LinkDriver& driver(LinkId link) const { return *links_[static_cast<std::size_t>(link)]; }
  Host& host(HostId id) { return hosts_[static_cast<std::size_t>(id)]; }
  void check_way(const std::vector<LinkId>& way) const;
  void take_address(std::string_view verb, const SocketAddress& address, HostId id);
  void forward(TimePoint now, Datagram&& datagram);

  EventQueue* events_;
  std::uint64_t seed_;
  TimePoint start_;
  MemoryPool pool_;
  Watchers watchers_;
  Stats stats_;
  Timeline timeline_;
  std::vector<std::unique_ptr<LossPatternPosition>> pattern_positions_;
  std::vector<std::unique_ptr<LinkDriver>> links_;
  std::vector<Host> hosts_;
  std::unordered_map<SocketAddress, HostId, AddressHash> hosts_by_address_;
};

}  // namespace hawser::netsim
