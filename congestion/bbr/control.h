#pragma once
/// The pacing rate and the window that follow from the model and the state's gains.
/// draft-ietf-ccwg-bbr s5.6. Owned by the controller. Not thread-safe.

#include <optional>

#include "congestion/bbr/model.h"

namespace hawser::bbr {

class Control {
 public:
  explicit Control(const WindowLimits& limits) : window_(limits.initial) {}

  // ---- Pacing ----------------------------------------------------------------------------------
  /// `smoothed_rtt` is used until the model knows a rate: then 2.77 initial windows in it, or in a
  /// millisecond if it is zero.
  Bandwidth pacing_rate(const Model& model, Duration smoothed_rtt) const;
  /// Once for each acknowledgement. Until the pipe was full once, the rate only rises.
  void set_pacing_rate(const Model& model, Gain gain, Duration smoothed_rtt);
  /// What leaves in one go: a millisecond of the rate, 2 datagrams to 64 KiB. It is what the pacer
  /// lets through at once.
  static ByteCount send_quantum(Bandwidth rate, ByteCount datagram_size);

  // ---- Window ----------------------------------------------------------------------------------
  ByteCount window() const { return window_; }
  /// What a state asks for.
  struct Volume {
    Gain gain;
    ByteCount cap = ByteCount::max();  ///< besides the short-term bound
    bool is_probing_up = false;        ///< two datagrams more, or a tiny product could not grow
  };
  /// Once for each acknowledgement. The window grows by what was acknowledged and no faster.
  void set_window(const Model& model, const Volume& volume, const SenderState& sender,
                  ByteCount newly_acked);
  /// Before the window is cut for a while: remembers it. `is_cut_already`: it is below its own.
  void save_window(bool is_cut_already);
  void restore_window();
  /// All that was in flight is lost: no more than what is still under way, and one datagram.
  void collapse(const Model& model, ByteCount in_flight);
  /// The window that all rules are applied to at last.
  void limit_window(const WindowLimits& limits);

 private:
  ByteCount window_;
  ByteCount saved_window_{0};  ///< prior_cwnd
  std::optional<Bandwidth> pacing_rate_;
  std::optional<ByteCount> delivered_at_start_;
};

}  // namespace hawser::bbr
