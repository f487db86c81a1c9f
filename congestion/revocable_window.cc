#include "congestion/revocable_window.h"

namespace hawser {

RevocableWindow::RevocableWindow(const CongestionConfig& config)
    : CongestionWindow(config), config_(config) {}

RevocableWindow RevocableWindow::plain(CongestionConfig config) {
  config.hystart = false;
  config.prr = false;
  return RevocableWindow(config);
}

bool RevocableWindow::on_loss(const LossEvent& event, WindowFraction kept) {
  note_loss(event);
  const bool is_new = is_new_episode(event.largest_lost_sent_time);
  if (is_new) {
    before_reduction_ = *this;
    reduce(event, kept);
  }
  if (event.kind == LossKind::persistent) collapse(event.context.now);
  // No late acknowledgement disproves a congestion mark.
  if (event.kind == LossKind::ecn_ce) before_reduction_.reset();
  return is_new || event.kind == LossKind::persistent;
}

bool RevocableWindow::on_spurious_loss(const SpuriousLossEvent& event) {
  if (!event.whole_episode_disproved || !before_reduction_) return false;
  const bool is_smaller = size() < before_reduction_->size();
  if (is_smaller) {
    CongestionWindow::operator=(*before_reduction_);
    come_back();
  }
  before_reduction_.reset();
  return is_smaller;
}

void RevocableWindow::on_path_change(const PathChangeEvent& event) {
  config_.datagram_size = event.datagram_size;
  if (event.is_new_path) {
    before_reduction_.reset();
    restart(WindowLimits(config_), event.context.now);
    return;
  }
  set_limits(WindowLimits(config_));
  if (before_reduction_) before_reduction_->set_limits(WindowLimits(config_));
}

}  // namespace hawser
