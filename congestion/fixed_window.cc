#include "congestion/fixed_window.h"

#include <algorithm>

namespace hawser {

FixedWindow::FixedWindow(const CongestionConfig& config)
    : packets_(std::max<std::int64_t>(config.fixed_window_packets, 1)),
      datagram_size_(config.datagram_size) {}

void FixedWindow::on_path_change(const PathChangeEvent& event) {
  datagram_size_ = event.datagram_size;
}

CongestionSnapshot FixedWindow::snapshot() const {
  return {.name = "fixed", .phase = "fixed", .congestion_window = congestion_window()};
}

}  // namespace hawser
