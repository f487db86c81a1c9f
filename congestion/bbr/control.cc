#include "congestion/bbr/control.h"

#include <algorithm>

#include "congestion/bbr/startup.h"

namespace hawser::bbr {
namespace {

constexpr Gain kPacingMargin{99};
constexpr Duration kUnknownRtt = std::chrono::milliseconds(1);
constexpr Duration kQuantumTime = std::chrono::milliseconds(1);
constexpr std::int64_t kQuantumDatagrams = 2;
constexpr ByteCount kQuantumMax{64 << 10};
constexpr std::int64_t kProbeUpDatagrams = 2;

}  // namespace

// ---- Pacing ------------------------------------------------------------------------------------

Bandwidth Control::pacing_rate(const Model& model, Duration smoothed_rtt) const {
  if (pacing_rate_) return *pacing_rate_;
  const Duration rtt = smoothed_rtt > Duration::zero() ? smoothed_rtt : kUnknownRtt;
  return Startup::kPacingGain * Bandwidth::from(model.limits.initial, rtt);
}

void Control::set_pacing_rate(const Model& model, Gain gain, Duration smoothed_rtt) {
  if (model.bandwidth().is_zero()) return;
  const Bandwidth rate = kPacingMargin * (gain * model.bandwidth());
  const Bandwidth present = pacing_rate(model, smoothed_rtt);
  pacing_rate_ = model.full_pipe.was_ever_full() ? rate : std::max(rate, present);
}

ByteCount Control::send_quantum(Bandwidth rate, ByteCount datagram_size) {
  return std::max(std::min(rate.bytes_in(kQuantumTime), kQuantumMax),
                  datagram_size * kQuantumDatagrams);
}

// ---- Window ------------------------------------------------------------------------------------

void Control::set_window(const Model& model, const Volume& volume, const SenderState& sender,
                         ByteCount newly_acked) {
  if (!delivered_at_start_) delivered_at_start_ = sender.total_delivered - newly_acked;
  ByteCount most = model.with_budget(model.bdp(volume.gain) + model.excess_acked());
  if (volume.is_probing_up) most += model.limits.datagram_size * kProbeUpDatagrams;

  const bool is_model_young = sender.total_delivered - *delivered_at_start_ < model.limits.initial;
  if (model.full_pipe.was_ever_full()) {
    window_ = std::min(window_ + newly_acked, most);
  } else if (window_ < most || is_model_young) {
    window_ += newly_acked;
  }
  window_ = std::min({window_, volume.cap, model.short_term.inflight()});
  limit_window(model.limits);
}

void Control::save_window(bool is_cut_already) {
  saved_window_ = is_cut_already ? std::max(saved_window_, window_) : window_;
}

void Control::restore_window() { window_ = std::max(window_, saved_window_); }

void Control::collapse(const Model& model, ByteCount in_flight) {
  window_ = std::min(window_, in_flight + model.limits.datagram_size);
  limit_window(model.limits);
}

void Control::limit_window(const WindowLimits& limits) {
  window_ = std::clamp(window_, limits.min, limits.max);
}

}  // namespace hawser::bbr
