#pragma once
/// The recovery of stop-and-wait and go-back-N as textbooks have it: one timer, no probes, and no
/// backoff before the third expiry in a row, by when it is the path that changed. For comparison
/// and teaching; selective repeat uses `RetransmissionTimer`. Owned by the recovery of one path.
/// Not thread-safe.
///
/// The textbook's sender is the transmitter of its line: it sends one frame after the other, keeps
/// no queue, and knows that an answer takes the propagation both ways plus one frame. Here the
/// line's rate is learned: packets that wait behind one another at the bottleneck leave it, and so
/// are acknowledged, one frame time apart.

#include <cstdint>
#include <optional>

#include "arq/rtt_estimator.h"
#include "hawser/units.h"

namespace hawser {

class TextbookTimer {
 public:
  /// `bytes` of full flights were newly acknowledged at `now`; the newest packet of them left at
  /// `newest_sent`. May be called several times for one `now`.
  void on_ack(TimePoint now, ByteCount bytes, TimePoint newest_sent);
  /// Something was acknowledged that had not been: the path is alive.
  void on_progress() { expiries_ = 0; }
  /// The timer expired: everything outstanding leaves again.
  void on_expired() { ++expiries_; }
  /// A packet of `bytes` left at `now`.
  void on_sent(TimePoint now, ByteCount bytes);
  /// Another path: the line is to be learned anew.
  void reset() { *this = TextbookTimer(); }

  /// What passes the bottleneck: the highest recent rate of acknowledgements of packets that queued
  /// there. Infinite until known, and for ever under stop-and-wait, which never queues.
  Bandwidth line_rate() const;
  /// When the line is free for the next packet.
  TimePoint next_send_time() const { return line_free_; }
  /// How many packets of `size` fill the path (2a + 1 in textbooks, and one to spare); no limit
  /// until known. Pacing alone would keep whatever queue the first flight built.
  std::uint64_t packets_in_path(ByteCount size, const RttEstimator& rtt) const;
  /// When everything unacknowledged must leave again, if the oldest of it left at `oldest_sent`.
  /// The measured round trip holds the one frame time already. Never sooner than the granularity,
  /// never later than the cap of all backoff (6 s, or the round trip if that is longer).
  TimePoint deadline(TimePoint oldest_sent, const RttEstimator& rtt) const;

 private:
  /// Rates are remembered for one to two times so many acknowledgements.
  static constexpr int kEpoch = 256;

  void note_rate(Bandwidth rate);

  /// Acknowledgements that came at one instant.
  struct Arrival {
    TimePoint time;
    TimePoint newest_sent;
    ByteCount bytes{0};
  };

  int expiries_ = 0;  // since the last acknowledgement
  std::optional<Arrival> newest_;
  std::optional<Arrival> before_;
  TimePoint line_free_;
  ByteCount largest_sent_{0};
  Bandwidth highest_;         // of this epoch; zero: none yet
  Bandwidth highest_before_;  // of the last epoch
  int rates_ = 0;             // in this epoch
};

}  // namespace hawser
