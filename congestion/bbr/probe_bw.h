#pragma once
/// ProbeBW: the steady state. Slower for a while, then at the path's rate, then a short probe
/// whether there is more. draft-ietf-ccwg-bbr s5.3.3. Not thread-safe.
///
/// ```
///        DOWN 0.9 ---- no queue, and headroom ----> CRUISE 1.0
///         ^   |                                        |
///         |   +---- time to probe (ProbeWait) ----+----+
///         |                                       v
///        UP 1.25 <----------- one round ---- REFILL 1.0
///   ends when the rate stands still for three rounds, when a round trip loses too much, or, after
///   a probe that did, at the bound which that one set: if nothing is lost there, another REFILL
///   follows at once
/// ```
///
/// What a probe did is known one round trip later: its feedback is taken in every state.
///
/// Two things differ from the draft, so that flows which share a queue share it evenly: what a
/// probe that lost too much keeps of the queue (`end_probe`), and ProbeRTT does not put off the
/// next probe (`start_cruise`). `congestion/bbr/README.md` has the figures.

#include <optional>

#include "congestion/bbr/model.h"
#include "congestion/bbr/probe_wait.h"

namespace hawser::bbr {

/// A lost or marked packet, and the flight that it was part of.
struct LostFlight {
  ByteCount bytes{0};         ///< of the packet
  ByteCount tx_in_flight{0};  ///< in flight when it left, it included
  ByteCount lost{0};          ///< since it left, it included
  bool is_app_limited = false;
};

class ProbeBw {
 public:
  enum class Phase : std::uint8_t { down, cruise, refill, up };

  Phase phase() const { return phase_; }
  Gain pacing_gain() const;
  Gain window_gain() const;
  /// Losses are part of the search now.
  bool is_accelerating() const { return phase_ == Phase::refill || phase_ == Phase::up; }

  // ---- Entry and exit --------------------------------------------------------------------------
  void start_down(Model& model, const SenderState& sender);
  /// After ProbeRTT: no queue stands. The next probe comes when it was due before. Flows that share
  /// a queue leave ProbeRTT together; with a wait that began then they would also probe together,
  /// each into the other's queue.
  void start_cruise(Model& model, const SenderState& sender);
  void start_refill(Model& model, const SenderState& sender);
  /// ProbeRTT or Startup takes over. What is under way still gives its feedback.
  void leave();

  // ---- Acknowledgements and losses -------------------------------------------------------------
  /// Takes the feedback of a probe in, in this state or another. True: it began another phase.
  bool take_feedback(Model& model, const SenderState& sender, const RateSample& sample);
  /// Goes on to the next phase where it is time.
  void on_ack(Model& model, const SenderState& sender, const RateSample& sample);
  /// If the packet was part of a probe that now has lost too much, the probe ends and sets the
  /// long-term bound. True: it was in UP.
  bool on_lost(Model& model, const SenderState& sender, const LostFlight& packet);
  /// The same for a congestion mark, which says by itself that it was too much.
  bool on_marked(Model& model, const SenderState& sender, const LostFlight& packet);

 private:
  /// What acknowledgements mean for the search (ack_phase).
  enum class Feedback : std::uint8_t { none, refilling, starting, coming, stopping };

  /// From one UP to the next.
  struct Cycle {
    TimePoint start{};
    std::int64_t start_round = 0;
    ProbeWait::Choice wait;
  };

  void end_probing(Model& model, const SenderState& sender);
  void start_up(Model& model, const SenderState& sender, const RateSample& sample);
  bool end_probe(Model& model, const SenderState& sender, const LostFlight& packet);
  bool is_time_to_probe(const Model& model, const SenderState& sender) const;
  bool is_time_to_cruise(const Model& model, const SenderState& sender) const;
  bool is_time_to_go_down(Model& model, const SenderState& sender, const RateSample& sample);

  bool is_active_ = false;
  Phase phase_ = Phase::down;
  Feedback feedback_ = Feedback::none;
  bool is_probe_sample_ = false;
  bool was_too_high_ = false;       ///< prev_probe_too_high
  bool was_precautionary_ = false;  ///< prev_probe_precautionary

  ProbeWait wait_;
  std::optional<Cycle> cycle_;  ///< none before the first DOWN
};

}  // namespace hawser::bbr
