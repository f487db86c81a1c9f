#pragma once
/// The rate of a link and the queue before it. Owned by the link.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "hawser/netsim/datagram.h"
#include "hawser/netsim/link_config.h"
#include "tools/netsim/ring.h"

namespace hawser::netsim {

/// Serialises datagrams one after the other. Works lazily: whoever asks first lets all begin whose
/// turn had come by then, so that it does not matter how often one asks. Not thread-safe.
class Bottleneck {
 public:
  enum class Verdict : std::uint8_t { accepted, marked, full };
  /// One datagram with what was drawn for its delay.
  struct Item {
    Datagram datagram;
    TimePoint offered;
    Duration jitter{0};
    bool skips_delay = false;
  };
  /// An item whose serialisation began, and when it will end.
  struct Departure {
    Item item;
    TimePoint end;
  };
  struct Figures {
    Duration wait_max{0};  ///< since the beginning
    Duration wait_sum{0};  ///< since `start_averages`, as are the rest
    std::int64_t waits = 0;
    Duration busy{0};
  };

  /// All three settings hold for what begins or comes from now on.
  void configure(const LinkConfig& config);
  /// What `push` of a datagram of that size would mean now, everything before it polled.
  Verdict judge(TimePoint now, ByteCount wire_size) const;
  void push(Item&& item);
  /// The next item, if its serialisation begins at `now` or began before.
  std::optional<Departure> poll(TimePoint now);
  /// When the first waiting item will have been serialised; `kNever` if none waits.
  TimePoint next_end() const;
  bool empty() const { return waiting_.empty(); }

  void start_averages(TimePoint now);
  Figures figures(TimePoint now) const;

 private:
  TimePoint next_start() const { return std::max(busy_until_, waiting_.front().offered); }
  /// What of the time that was booked as busy still lies ahead.
  Duration busy_ahead(TimePoint now) const { return std::max(busy_until_ - now, Duration::zero()); }
  bool exceeds(TimePoint now, ByteCount wire_size) const;

  Bandwidth rate_ = Bandwidth::infinite();
  QueueLimit limit_;
  ByteCount ecn_mark_ = ByteCount::max();
  Ring<Item> waiting_;
  ByteCount waiting_bytes_{0};
  TimePoint busy_until_{};
  Figures figures_;
};

}  // namespace hawser::netsim
