#pragma once
/// Notices that sending faster no longer makes the path deliver faster: three rounds that were not
/// limited by the application and brought less than a quarter more. draft-ietf-ccwg-bbr s5.3.1.2.
/// A plain value. Not thread-safe.

#include "congestion/bbr/rate_sample.h"

namespace hawser::bbr {

class FullPipeDetector {
 public:
  static constexpr int kRounds = 3;

  /// Looks anew, from `baseline`, the rate known to be delivered.
  void restart(Bandwidth baseline = Bandwidth::zero());
  /// Once for each acknowledgement. `is_round_start`: it began a round.
  void on_ack(const RateSample& sample, bool is_round_start);
  /// Losses showed what the rate did not.
  void set_full();
  /// They did not, after all.
  void forget() { was_ever_full_ = false; }

  /// Full since the latest restart: full_bw_now.
  bool is_full() const { return is_full_; }
  /// The pipe was full once: full_bw_reached.
  bool was_ever_full() const { return was_ever_full_; }

 private:
  Bandwidth baseline_;
  int rounds_without_growth_ = 0;
  bool is_full_ = false;
  bool was_ever_full_ = false;
};

}  // namespace hawser::bbr
