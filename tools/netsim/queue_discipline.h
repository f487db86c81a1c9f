#pragma once
/// In which order what waits for a link leaves, and what of it is dropped or marked on the way.
/// Owned by the bottleneck.

#include <cstdint>
#include <optional>
#include <utility>

#include "hawser/netsim/datagram.h"
#include "hawser/time.h"
#include "tools/netsim/ring.h"

namespace hawser::netsim {

/// A datagram in the queue, with what was drawn for its way behind it.
struct QueuedDatagram {
  Datagram datagram;
  TimePoint offered;
  Duration jitter{0};
  bool is_reordered = false;  ///< chosen to change its place
  TimePoint sent{};           ///< when its last byte has left, once its turn has come

  ByteCount wire_size() const { return datagram.wire_size(); }
};

inline bool can_be_marked(Ecn ecn) { return ecn == Ecn::ect0 || ecn == Ecn::ect1; }

/// What waits, and what became of datagrams that had been taken.
struct QueueTally {
  std::int64_t packets = 0;
  ByteCount bytes{0};
  std::uint64_t dropped = 0;     ///< by the discipline's judgement
  std::uint64_t overflowed = 0;  ///< to make room for others
  std::uint64_t marked = 0;      ///< CE set

  void add(const QueuedDatagram& queued) {
    ++packets;
    bytes += queued.wire_size();
  }
  void remove(const QueuedDatagram& queued) {
    --packets;
    bytes -= queued.wire_size();
  }
};

/// Not thread-safe. Times never decrease from call to call. The configured limits (`QueueLimit`)
/// are the bottleneck's to keep, whatever the discipline.
class QueueDiscipline {
 public:
  enum class Verdict : std::uint8_t { accepted, marked, dropped_early, full };

  virtual ~QueueDiscipline() = default;
  /// The link's rate from now on, for those who reckon with it.
  virtual void set_rate(Bandwidth) {}
  /// Whether to take a datagram that comes now; may draw. It is `marked` only where it can be, and
  /// never `full`.
  virtual Verdict admit(TimePoint, const Datagram&) { return Verdict::accepted; }
  virtual void push(QueuedDatagram&& queued) = 0;
  /// The one whose turn it is at `now`; nothing if all that waited was dropped.
  virtual std::optional<QueuedDatagram> pop(TimePoint now) = 0;
  /// Any of those that wait, without judgement; each flow's in their order.
  virtual std::optional<QueuedDatagram> take() = 0;
  /// The size of the one that `pop` will give, where that is certain.
  virtual std::optional<ByteCount> next_size() const { return std::nullopt; }
  /// Drops what has the least right to wait; false if that is what comes.
  virtual bool make_room() { return false; }

  bool empty() const { return tally_.packets == 0; }
  const QueueTally& tally() const { return tally_; }

 protected:
  QueueTally tally_;
};

/// First in, first out; takes all that the limits allow.
class DropTailQueue : public QueueDiscipline {
 public:
  void push(QueuedDatagram&& queued) override {
    tally_.add(queued);
    waiting_.push_back(std::move(queued));
  }
  std::optional<QueuedDatagram> pop(TimePoint) override { return take(); }
  std::optional<QueuedDatagram> take() final {
    if (waiting_.empty()) return std::nullopt;
    tally_.remove(waiting_.front());
    std::optional<QueuedDatagram> taken(std::move(waiting_.front()));
    waiting_.drop_front();
    return taken;
  }
  std::optional<ByteCount> next_size() const final {
    if (waiting_.empty()) return std::nullopt;
    return waiting_.front().wire_size();
  }

 private:
  Ring<QueuedDatagram> waiting_;
};

}  // namespace hawser::netsim
