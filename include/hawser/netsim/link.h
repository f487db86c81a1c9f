#pragma once
/// One direction of a path, sans-I/O: datagrams and the time go in, datagrams come out later.
///
/// The same class runs in virtual time (`Network` drives it) and in real time (a UDP relay drives
/// it with its own clock). What happens to a datagram, in this order:
///
///     offer -> counted -> mtu -> blackout -> ECN bits that are not let through -> loss ->
///           duplicate -> damage -> policer -> queue (AQM, limit, CE mark) -> serialised at the
///           rate or by the trace -> delay + jitter, other if chosen to reorder -> clog ->
///           aggregation -> slots -> ECN bits rewritten -> poll
///
/// A lost datagram has no copy. A copy follows its original to the policer and the queue, with a
/// jitter and a damage of its own. An old one that is replayed comes behind both and knows neither.
/// With `LinkConfig::netem` Linux's netem takes the place of all from the loss to the delay.
///
/// Chance: each impairment draws from a stream of its own, named by (seed, link number,
/// impairment), and draws for every datagram offered, whatever becomes of it. Adding an impairment,
/// or a link, therefore shifts nobody else's draws. (RED, whose chance hangs on what waits, draws
/// for each that reaches the queue; slots draw for each boundary; netem draws when the kernel
/// does.)

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "hawser/netsim/datagram.h"
#include "hawser/netsim/link_config.h"

namespace hawser::netsim {

/// What became of a datagram when it was offered.
enum class Outcome : std::uint8_t {
  passed,
  too_big,  ///< beyond the MTU
  blackout,
  lost,  ///< by any of the loss models, or for its ECN bits
  queue_full,
  policed,       ///< faster than the policer allows
  dropped_early  ///< by the queue's discipline, on arrival
};

/// The outcome, and what else happened to a datagram that passed.
struct Fate {
  Outcome outcome = Outcome::passed;
  bool is_duplicated = false;
  bool is_corrupted = false;  ///< bits flipped
  bool is_marked = false;     ///< CE set by this link
  bool is_early = false;      ///< chosen to skip the delay
  bool is_late = false;       ///< chosen to reorder by depth or time
  bool is_truncated = false;
  bool is_extended = false;
  bool is_misdelivered = false;
};

/// A datagram at the moment of its offer, as it came: not yet marked nor damaged.
struct OfferedDatagram {
  Duration since_start;
  std::uint32_t link;
  Fate fate;
  const Datagram& datagram;
};

/// Watches a link.
class LinkObserver {
 public:
  virtual ~LinkObserver() = default;
  /// Called within `Link::offer`, for every datagram, before it is queued. May ask the link its
  /// `config` and `queue_delay`, and must not call it otherwise.
  virtual void on_offered(const OfferedDatagram& offered) = 0;
  /// So many that had passed, or copies and replayed ones that never were offers, were dropped by
  /// the queue since the last call. May ask the link its `config`.
  virtual void on_dropped_later(Duration since_start, std::uint32_t link, std::uint64_t count) {
    (void)since_start, (void)link, (void)count;
  }
};

/// Figures of one link, from its making on where nothing else is said. `packets` + `duplicated` +
/// `replayed` = `delivered` + all `dropped_` + those inside.
struct LinkStats {
  std::uint64_t packets = 0;  ///< offered
  ByteCount bytes{0};         ///< offered, payload + 28 each
  std::uint64_t delivered = 0;
  std::uint64_t dropped_loss = 0;
  std::uint64_t dropped_queue = 0;  ///< by the queue's limit
  std::uint64_t dropped_aqm = 0;    ///< by the queue's discipline, on arrival or later
  std::uint64_t dropped_policer = 0;
  std::uint64_t dropped_mtu = 0;
  std::uint64_t dropped_blackout = 0;
  std::uint64_t dropped_memory = 0;  ///< the pool refused the copy that was to be damaged
  std::uint64_t duplicated = 0;      ///< copies made
  std::uint64_t corrupted = 0;       ///< datagrams and copies with flipped bits
  std::uint64_t reordered = 0;       ///< those that overtook another
  std::uint64_t ecn_marked = 0;
  Duration queue_max{0};   ///< the longest wait before serialisation, over the whole run
  Duration queue_mean{0};  ///< mean wait per serialised datagram since `start_averages`
  Duration queue_p50{0};   ///< the wait that half of them did not exceed, at most 1/32 too small
  Duration queue_p99{0};
  Duration busy{0};  ///< spent serialising since `start_averages`
  /// Share of the time since `start_averages` spent serialising, 0..1; under a trace, the share of
  /// its opportunities' bytes that was used.
  double utilisation = 0;
  Bandwidth payload_ceiling = Bandwidth::zero();  ///< see `note_message_bytes`; 0 without a rate
  std::uint64_t truncated = 0;                    ///< datagrams and copies, as are the next two
  std::uint64_t extended = 0;
  std::uint64_t misdelivered = 0;
  std::uint64_t replayed = 0;  ///< old datagrams that entered, or were refused by, the queue again

  /// For whatever reason.
  std::uint64_t dropped() const {
    return dropped_loss + dropped_queue + dropped_aqm + dropped_policer + dropped_mtu +
           dropped_blackout + dropped_memory;
  }
};

/// Which link it is: fixes its streams of randomness and its name in traces.
struct LinkIdentity {
  std::uint32_t number = 0;  ///< unique within one seed
  std::uint64_t seed = 1;
  TimePoint start{};  ///< where the configuration's times count from
};

/// Not thread-safe. The times given to it must never decrease.
class Link {
 public:
  /// Says whether a payload carries bytes of messages, for `ScriptedDrops`.
  using Classifier = std::function<bool(std::span<const std::uint8_t>)>;

  /// `pool` must outlive the link and what comes out of it. A configuration that `validate`
  /// complains about aborts, here and in `apply`.
  Link(const LinkIdentity& identity, const LinkConfig& config, MemoryPool& pool);
  ~Link();
  Link(Link&&) noexcept;
  Link& operator=(Link&&) noexcept;

  /// Puts a datagram on the link, which decides its fate at once.
  void offer(TimePoint now, Datagram&& datagram);
  /// When `poll` is worth calling next: never later than the next delivery, seldom earlier;
  /// `kNever` if the link is empty. Changes with `offer`, `poll` and `apply`.
  TimePoint next_timeout() const;
  /// The next datagram whose time has come, in the order of (arrival time, insertion).
  std::optional<Datagram> poll(TimePoint now);

  /// Changes the configuration. What is already being serialised or delayed keeps its time; what
  /// waits leaves by the new rate and delay. A loss model that is changed begins anew, as good; the
  /// states of all others go on.
  void apply(TimePoint now, const LinkConfig& config);
  /// The configuration in force.
  const LinkConfig& config() const;
  /// How long what comes now has to wait for its turn, if nothing overtakes it; under netem, if it
  /// is delayed as long as the one before it.
  Duration queue_delay(TimePoint now) const;

  /// Without a classifier every datagram counts as carrying message bytes.
  void set_classifier(Classifier classifier);
  /// `observer` must outlive the link; nullptr for none.
  void set_observer(LinkObserver* observer);
  /// Where patterns that span both directions are counted; must outlive the link. Without it such
  /// a pattern counts this link alone.
  void share_pattern_position(LossPatternPosition& position);

  /// Told by the owner, who can read datagrams: the most message bytes seen in a datagram
  /// (payload size `datagram`) tell how much of the rate can be payload.
  void note_message_bytes(ByteCount message_bytes, ByteCount datagram);
  /// Begins the averages anew: what came before is warm-up.
  void start_averages(TimePoint now);
  /// The figures as of `now`.
  LinkStats stats(TimePoint now) const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace hawser::netsim
