#pragma once
/// Proportional Rate Reduction: how much may leave on each acknowledgement of a recovery, so that
/// what is in flight falls to ssthresh evenly over one round trip instead of stopping at once and
/// bursting later. RFC 9937.
///
/// Above ssthresh, ssthresh/RecoverFS bytes leave for each byte delivered; at or below it as many
/// as were delivered (the conservative bound, CRB), and one datagram more (slow start, SSRB) if the
/// acknowledgement is safe: it found no further loss. RFC 9937 also asks that it advances SND.UNA;
/// not so here, where a hole that is not yet known to be a loss stops nothing.
///
/// One object is one episode. Owned by a window, by value. Not thread-safe.

#include "hawser/congestion_controller.h"

namespace hawser {

class Prr {
 public:
  /// What an episode is about.
  struct Target {
    ByteCount ssthresh{0};
    ByteCount datagram_size{1200};  ///< SMSS
  };
  /// Starts the episode that `event` brings about. One datagram may leave at once: the first
  /// retransmission does not wait for an acknowledgement.
  Prr(const LossEvent& event, const Target& target);

  /// Anything in flight that leaves, probes included.
  void on_sent(const SentEvent& event);
  /// More losses of the same episode. They make no room for new packets.
  void on_loss(const LossEvent& event);
  /// An acknowledgement that does not end the recovery.
  void on_ack(const AckEvent& event);

  /// How much may be in flight: what is, and what the latest acknowledgement has left to send.
  ByteCount window() const { return in_flight_ + allowance_; }

 private:
  ByteCount send_count(ByteCount newly_delivered, bool is_safe) const;

  Target target_;
  ByteCount recover_flight_size_;  ///< RecoverFS: in flight when the loss was found
  ByteCount delivered_{0};         ///< prr_delivered
  ByteCount sent_{0};              ///< prr_out
  ByteCount in_flight_;            ///< at the latest event
  ByteCount allowance_;            ///< what of sndcnt did not leave yet
  TimePoint last_loss_;
};

}  // namespace hawser
