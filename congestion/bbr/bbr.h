#pragma once
/// BBR version 3: builds a model of the path (how much it delivers, how long an empty path takes)
/// and sends at that rate, instead of filling the queue until something is lost.
/// One per path; not thread-safe. draft-ietf-ccwg-bbr of August 2026.
///
/// ```
///   Startup --> Drain --> ProbeBW: DOWN -> CRUISE -> REFILL -> UP -> DOWN ...
///      ^                     ^ |
///      |                     | v  5 s without a smaller round-trip time, from any state
///      +--- the pipe was ---- ProbeRTT
///           never full
/// ```
///
/// Each acknowledgement updates the model, then the state, then window and pacing rate. This class
/// holds the parts and calls them in that order; what they do stands in their files.

#include "congestion/bbr/control.h"
#include "congestion/bbr/drain.h"
#include "congestion/bbr/model.h"
#include "congestion/bbr/probe_bw.h"
#include "congestion/bbr/probe_rtt.h"
#include "congestion/bbr/startup.h"
#include "congestion/bbr/window_use.h"

namespace hawser {

class Bbr final : public CongestionController {
 public:
  /// A window of at least four datagrams (MinPipeCwnd) unless the configuration says otherwise.
  explicit Bbr(const CongestionConfig& config);

  void on_sent(const SentEvent& event) override;
  void on_ack(const AckEvent& event) override;
  void on_loss(const LossEvent& event) override;
  void on_spurious_loss(const SpuriousLossEvent& event) override;
  void on_path_change(const PathChangeEvent& event) override;

  ByteCount congestion_window() const override { return control_.window(); }
  Bandwidth pacing_rate(const RttSnapshot& rtt) const override {
    return control_.pacing_rate(model_, rtt.smoothed);
  }
  /// `phase`: "startup", "drain", "probe_bw_down", "probe_bw_cruise", "probe_bw_refill",
  /// "probe_bw_up" or "probe_rtt".
  CongestionSnapshot snapshot() const override;

 private:
  enum class State : std::uint8_t { startup, drain, probe_bw, probe_rtt };
  /// What a loss episode changed and is put back if none of its losses was one (s5.5.11).
  struct Undo {
    enum class State : std::uint8_t { none, startup, up };
    State state = State::none;  ///< that losses ended
    bbr::ShortTermBounds short_term;
    ByteCount long_term = ByteCount::max();
  };

  void look_at(const CongestionContext& context);
  bbr::RateSample sample_of(const AckEvent& event) const;
  bool is_probing_for_bandwidth() const;
  bbr::Gain pacing_gain() const;
  bbr::Control::Volume volume() const;

  void update_model(const bbr::RateSample& sample);
  void advance_state(const bbr::RateSample& sample);
  void check_probe_rtt(const bbr::RateSample& sample);
  void update_control(const bbr::RateSample& sample, Duration smoothed_rtt);
  void enter_startup();
  void enter_probe_rtt();
  void leave_probe_rtt();

  void take_outage();
  void begin_episode();
  void note_end_of(Undo::State state);
  void end_episode(TimePoint largest_acked_sent_time);
  void take_lost_packets(const LossEvent& event);
  void take_mark(const LossEvent& event);

  CongestionConfig config_;
  bbr::Model model_;
  bbr::Control control_;
  bbr::SenderState sender_;
  bbr::WindowUse window_use_;

  State state_ = State::startup;
  bbr::Startup startup_;
  bbr::Drain drain_;
  bbr::ProbeBw probe_bw_;
  bbr::ProbeRtt probe_rtt_;
  /// Nothing was in flight for a while: the queue is drained without a ProbeRTT.
  bool is_idle_restart_ = false;

  /// When the present loss episode began; none: no loss, or it was disproved.
  std::optional<TimePoint> episode_start_;
  bool is_recovering_ = false;  ///< nothing sent after that is acknowledged yet
  std::optional<Undo> undo_;    ///< none: nothing may be put back
};

}  // namespace hawser
