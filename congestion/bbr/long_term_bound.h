#pragma once
/// The most that may be in flight without losing too much, as probes found out: inflight_longterm.
/// A probe that loses too much sets it; a later one that does not, raises it, by one datagram in
/// the first round, by two in the next, then four. draft-ietf-ccwg-bbr s5.3.3.4, s5.3.3.6.
/// A plain value. Not thread-safe.

#include "congestion/bbr/rate_sample.h"

namespace hawser::bbr {

class LongTermBound {
 public:
  bool is_set() const { return value_ != ByteCount::max(); }
  /// `ByteCount::max()`: not set.
  ByteCount value() const { return value_; }
  /// What leaves 15 % of it, and at least `datagram_size`, to others; no limit if not set.
  ByteCount with_headroom(ByteCount datagram_size) const;
  /// The bound that still allows `volume` once that is left to others.
  static ByteCount with_headroom_for(ByteCount volume);

  void set(ByteCount value) { value_ = value; }
  /// It was not as low as that.
  void raise_to(ByteCount value);

  /// A probe begins to refill the pipe: growth starts over.
  void restart_growth();
  /// A new round of probing upwards: the next step is twice as large as the last one.
  void steepen(ByteCount window, ByteCount datagram_size);
  /// Growth by what was acknowledged while the bound was what held the sender back.
  void grow(ByteCount acked, ByteCount datagram_size);

 private:
  static constexpr int kDoublingsMax = 30;

  ByteCount value_ = ByteCount::max();
  ByteCount acked_{0};                           ///< bw_probe_up_acked: not yet used for growth
  ByteCount acked_per_step_ = ByteCount::max();  ///< probe_up_acked_per_inc
  int rounds_ = 0;                               ///< bw_probe_up_rounds
};

}  // namespace hawser::bbr
