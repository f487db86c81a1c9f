#pragma once
/// Spreads packets over time by credit: credit grows with time at the pacing rate, a packet costs
/// its bytes. Nothing sleeps per packet, so a driver that wakes up once in a millisecond still
/// sends at the exact rate, be it a packet in a second or a hundred in that millisecond.
///
/// Owned by the path of a connection; a plain value without a clock; not thread-safe.
/// RFC 9002 s7.7.
///
/// What may leave at an instant depends only on what left before and on the rate, not on how many
/// packets the caller asks for at a time. Credit is kept in fractions of a byte as small as the
/// arithmetic yields, so nothing is lost to rounding.
///
/// A sender that waits for its window gathers credit for one packet only. Else all that an
/// acknowledgement makes room for would leave together, just when as much has left the bottleneck:
/// flows lock into that rhythm at a full queue, and one of them takes nearly all losses (Floyd and
/// Jacobson, "On Traffic Phase Effects in Packet-Switched Gateways").

#include <optional>

#include "hawser/units.h"

namespace hawser {

struct PacerConfig {
  ByteCount datagram_size{1200};  ///< the path's; two of them are the smallest burst
  /// May leave at once at the beginning, whatever the rate: the first round trip should not pay for
  /// a rate that is only a guess. At least two datagrams.
  ByteCount initial_window{12000};
  /// The largest burst, in time at the pacing rate: how late a driver may wake up without losing
  /// rate, and how much queue a burst can add at the bottleneck. There is no limit in packets, as
  /// it would limit the rate to that many per wake-up. Raise it to the driver's timer granularity.
  Duration burst_interval = std::chrono::milliseconds(1);
};

class Pacer {
 public:
  explicit Pacer(const PacerConfig& config);

  /// Whether a packet may leave at `now`: whether any credit is left. Its size does not matter, so
  /// that the question can come before the packet is built; what it costs beyond the credit is
  /// owed and delays the next. Always true at an infinite rate. Changes nothing.
  bool can_send(TimePoint now, Bandwidth rate) const;
  /// The earliest time, not before `now`, at which `can_send` is true if nothing leaves until then
  /// and the rate stays. `kNever` at rate zero. Changes nothing.
  TimePoint next_send_time(TimePoint now, Bandwidth rate) const;
  /// Charges `bytes` that left at `now`. Charge all that counts as in flight, probes included,
  /// though those leave without asking; not packets of acknowledgements alone. The time since the
  /// last call is credited at `rate`. Free at an infinite rate.
  void on_sent(TimePoint now, ByteCount bytes, Bandwidth rate);

  /// The congestion window that holds packets back from now on, or none: something else does, or
  /// nothing. A window of less than ten datagrams keeps bursts of two: to wait for half of the next
  /// packet's share of the round trip would cost it too much. From 100 Mbit/s on bursts grow with
  /// the rate, as waking up for each packet is not worth it, and from 1 Gbit/s on they are whole.
  void set_limiting_window(std::optional<ByteCount> window) {
    is_spaced_ = window && *window >= config_.datagram_size * kSpacedWindowDatagrams;
  }

  /// The path's datagrams have another size from now on.
  void set_datagram_size(ByteCount size) { config_.datagram_size = size; }

 private:
  __extension__ using Wide = __int128;
  static constexpr std::int64_t kSpacedWindowDatagrams = 10;

  /// Credit at `now`, never more than a burst. In units of a bit-nanosecond per second, 1/8e9 byte,
  /// as rates times times are.
  Wide credit_at(TimePoint now, Bandwidth rate) const;
  Wide burst(Bandwidth rate) const;

  PacerConfig config_;
  ByteCount initial_left_;  ///< of the initial window
  Wide credit_ = 0;         ///< at `last_sent_`; negative: owed
  std::optional<TimePoint> last_sent_;
  bool is_spaced_ = false;  ///< credit for one packet is all that gathers
};

}  // namespace hawser
