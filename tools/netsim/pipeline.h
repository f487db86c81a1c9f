#pragma once
/// All that a link does to datagrams, in its order (which `hawser/netsim/link.h` draws): the
/// models, each a unit of its own, put together. Owned by the link, which watches and counts
/// offers.

#include <cstdint>
#include <optional>

#include "hawser/netsim/link.h"
#include "tools/netsim/bottleneck.h"
#include "tools/netsim/clog_gate.h"
#include "tools/netsim/damage_model.h"
#include "tools/netsim/delay_line.h"
#include "tools/netsim/delay_model.h"
#include "tools/netsim/hold_back.h"
#include "tools/netsim/loss_model.h"
#include "tools/netsim/netem_qdisc.h"
#include "tools/netsim/policer.h"
#include "tools/netsim/recent_routes.h"
#include "tools/netsim/release_gate.h"
#include "tools/netsim/replay_model.h"

namespace hawser::netsim {

/// A datagram is first judged, then, if it passed, enqueued. Not thread-safe.
class Pipeline {
 public:
  /// Says whether a payload carries bytes of messages.
  using Classifier = Link::Classifier;

  Pipeline(const LinkIdentity& identity, const LinkConfig& config, MemoryPool& pool);
  // The models draw from their own place: there is one.
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Lets all leave the queue whose turn had come by `now`. Every other call wants that done.
  void advance(TimePoint now);
  /// Draws what chance has in store for a datagram offered now, and tells its fate.
  Fate judge(TimePoint now, const Datagram& datagram);
  /// Takes the datagram that was judged last, which passed, and its copy if it has one.
  void enqueue(TimePoint now, Datagram&& datagram);
  /// Lets an old datagram follow the one that was judged last, whatever became of that, if that was
  /// drawn.
  void replay(TimePoint now);
  /// When `poll` is worth calling next.
  TimePoint next_timeout() const;
  std::optional<Datagram> poll(TimePoint now);

  void apply(TimePoint now, const LinkConfig& config);
  const LinkConfig& config() const { return config_; }
  void set_classifier(Classifier classifier) { classifier_ = std::move(classifier); }
  void share_pattern_position(LossPatternPosition& position) {
    loss_.share_pattern_position(position);
  }
  Duration queue_delay(TimePoint now) const {
    return config_.netem ? netem_.queue_delay(now) : bottleneck_.queue_delay(now);
  }
  void start_averages(TimePoint now) {
    bottleneck_.start_averages(now);
    netem_.start_averages(now);
  }
  /// Drops by the queue, but for those that `judge` told of.
  std::uint64_t dropped_later() const {
    return counted_.dropped_queue + counted_.dropped_aqm + bottleneck_.dropped();
  }
  /// Adds what was counted here, and the queue's figures.
  void report_to(LinkStats& stats, TimePoint now) const;

 private:
  // What chance has in store for a datagram or its copy, if it gets so far.
  struct Draws {
    Duration jitter{0};
    bool is_reordered = false;
    DamageDraws damage;
  };

  Pipeline(const StreamSource& streams, const LinkIdentity& identity, const LinkConfig& config,
           MemoryPool& pool);
  bool is_blacked_out(TimePoint now) const;
  bool draw_all(TimePoint now, const Datagram& datagram);
  Outcome admit(TimePoint now, const Datagram& datagram, bool& is_marked);
  void enqueue_follower(TimePoint now, Datagram&& datagram, const Draws& draws);
  void enqueue_one(TimePoint now, Datagram&& datagram, const Draws& draws);
  bool damage(Datagram& datagram, const DamageDraws& draws);
  void send_on(QueuedDatagram&& item);
  void put_on_delay_line(TimePoint arrival, Datagram&& datagram);
  void configure_models(TimePoint now);

  TimePoint start_;
  LinkConfig config_;
  MemoryPool& pool_;
  Classifier classifier_;

  LossModel loss_;
  SeededRandom duplicate_;
  DamageModel damage_;
  DamageModel damage_of_copies_;
  RecentRoutes routes_;
  ReplayModel replay_;
  JitterModel jitter_;
  JitterModel jitter_of_copies_;
  ReorderModel reorder_;
  PolicerModel policer_;
  Bottleneck bottleneck_;
  HoldBack hold_back_;
  DelayLine delay_line_;
  ClogGate clogs_;
  ReleaseGate gate_;
  Duration delay_floor_{0};  // nothing that waits will be delayed less
  NetemQdisc netem_;         // in place of the models above where the configuration has one

  // Of the datagram judged last.
  Draws original_;
  Draws copy_;
  Fate fate_;

  LinkStats counted_;
};

}  // namespace hawser::netsim
