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
};

inline bool can_be_marked(Ecn ecn) { return ecn == Ecn::ect0 || ecn == Ecn::ect1; }

/// Not thread-safe. Times never decrease from call to call. The configured limits (`QueueLimit`)
/// are the bottleneck's to keep, whatever the discipline.
class QueueDiscipline {
 public:
  enum class Verdict : std::uint8_t { accepted, marked, full };
  /// What it did to datagrams that it had taken.
  struct Counters {
    std::uint64_t dropped = 0;
    std::uint64_t marked = 0;  ///< CE set
  };

  virtual ~QueueDiscipline() = default;
  /// Whether to take a datagram that comes now; may draw. It is `marked` only where it can be.
  virtual Verdict admit(TimePoint now, const Datagram& datagram) = 0;
  virtual void push(QueuedDatagram&& queued) = 0;
  /// The one whose turn it is at `now`; nothing if all that waited was dropped.
  virtual std::optional<QueuedDatagram> pop(TimePoint now) = 0;
  /// The size of the one that `pop` will give, where that is certain.
  virtual std::optional<ByteCount> next_size() const = 0;

  bool empty() const { return packets_ == 0; }
  std::int64_t packets() const { return packets_; }
  ByteCount bytes() const { return bytes_; }
  const Counters& counters() const { return counters_; }

 protected:
  void note_push(const QueuedDatagram& queued) {
    ++packets_;
    bytes_ += queued.datagram.wire_size();
  }
  void note_pop(const QueuedDatagram& queued) {
    --packets_;
    bytes_ -= queued.datagram.wire_size();
  }
  Counters counters_;

 private:
  std::int64_t packets_ = 0;
  ByteCount bytes_{0};
};

/// First in, first out; takes all that the limits allow.
class DropTail final : public QueueDiscipline {
 public:
  Verdict admit(TimePoint, const Datagram&) override { return Verdict::accepted; }
  void push(QueuedDatagram&& queued) override {
    note_push(queued);
    waiting_.push_back(std::move(queued));
  }
  std::optional<QueuedDatagram> pop(TimePoint) override {
    if (waiting_.empty()) return std::nullopt;
    QueuedDatagram first = waiting_.take_front();
    note_pop(first);
    return first;
  }
  std::optional<ByteCount> next_size() const override {
    if (waiting_.empty()) return std::nullopt;
    return waiting_.front().datagram.wire_size();
  }

 private:
  Ring<QueuedDatagram> waiting_;
};

}  // namespace hawser::netsim
