#include "congestion/new_reno.h"

namespace hawser {
namespace {

constexpr WindowFraction kKeptOnLoss{1, 2};

}  // namespace

NewReno::NewReno(const CongestionConfig& config) : config_(config), window_(config) {}

void NewReno::on_ack(const AckEvent& event) {
  const ByteCount acked = window_.on_ack(event);
  window_.grow(growth_.add(acked, window_.limits().datagram_size, window_.size()));
}

void NewReno::on_loss(const LossEvent& event) {
  window_.note_loss(event);
  if (window_.is_new_episode(event.largest_lost_sent_time)) {
    before_reduction_ = window_;
    window_.reduce(event, kKeptOnLoss);
  }
  if (event.kind == LossKind::persistent) window_.collapse(event.context.now);
  // No late acknowledgement disproves a congestion mark.
  if (event.kind == LossKind::ecn_ce) before_reduction_.reset();
}

void NewReno::on_spurious_loss(const SpuriousLossEvent& event) {
  if (!event.whole_episode_disproved || !before_reduction_) return;
  if (window_.size() < before_reduction_->size()) {
    window_ = *before_reduction_;
    window_.come_back();
  }
  before_reduction_.reset();
}

void NewReno::on_path_change(const PathChangeEvent& event) {
  config_.datagram_size = event.datagram_size;
  before_reduction_.reset();
  if (event.is_new_path) {
    window_.restart(WindowLimits(config_), event.context.now);
  } else {
    window_.set_limits(WindowLimits(config_));
  }
}

CongestionSnapshot NewReno::snapshot() const {
  return {.name = "new_reno",
          .phase = window_.phase(),
          .congestion_window = window_.allowed(),
          .ssthresh = window_.ssthresh()};
}

}  // namespace hawser
