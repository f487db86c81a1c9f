#pragma once
/// The recovery of stop-and-wait and go-back-N as textbooks have it: one timer of a round trip plus
/// one frame, no backoff, no probes. For comparison and teaching; selective repeat uses
/// `RetransmissionTimer`. Owned by the recovery of one path. Not thread-safe.
///
/// The textbook knows the frame time of its line. Here it is learned: packets that wait behind one
/// another at the bottleneck leave it, and so are acknowledged, one frame time apart.

#include <cstdint>
#include <optional>

#include "arq/rtt_estimator.h"
#include "hawser/units.h"

namespace hawser {

class TextbookTimer {
 public:
  /// `packets` full-size packets were newly acknowledged at `now`; the newest of them left at
  /// `newest_sent`. May be called several times for one `now`.
  void on_ack(TimePoint now, std::uint64_t packets, TimePoint newest_sent);
  /// Another path: the frame time is to be learned anew.
  void reset() { *this = TextbookTimer(); }

  /// What one full-size packet takes at the bottleneck: the least spacing of recent acknowledgements
  /// of packets that queued there. Zero until known, and always under stop-and-wait.
  Duration frame_time() const;
  /// When everything unacknowledged must leave again, if the oldest of it left at `oldest_sent`.
  TimePoint deadline(TimePoint oldest_sent, const RttEstimator& rtt) const;
  /// The rate at which packets of that size pass the bottleneck; infinite until known. A textbook
  /// sender is the line's own transmitter: pace it at this rate.
  Bandwidth bottleneck_rate(ByteCount packet) const {
    return Bandwidth::from(packet, frame_time());
  }
  /// How many packets fill the path (2a + 1 in textbooks, and one to spare); no limit until known.
  /// Pacing alone keeps whatever queue the first flight built, and with it a longer timeout: hold
  /// back new packets while this many are in flight.
  std::uint64_t packets_in_path(const RttEstimator& rtt) const;

 private:
  /// Spacings are remembered for one to two times so many acknowledgements.
  static constexpr int kEpoch = 256;

  void note_spacing(Duration spacing);

  /// Acknowledgements that came at one instant.
  struct Arrival {
    TimePoint time;
    TimePoint newest_sent;
    std::uint64_t packets = 0;
  };

  std::optional<Arrival> newest_;
  std::optional<Arrival> before_;
  Duration least_{0};         // spacing of this epoch; zero: none yet
  Duration least_before_{0};  // of the last epoch
  int spacings_ = 0;          // in this epoch
};

}  // namespace hawser
