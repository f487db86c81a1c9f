#pragma once
/// A congestion window with the answers of RFC 9002 to losses, marks and other paths, and with the
/// way back: what a reduction took away is restored when the losses behind it are disproved
/// (RFC 9438 s4.9, for any controller). By how much a loss reduces is the controller's matter.
///
/// Owned by a controller, by value; not thread-safe.

#include <optional>

#include "congestion/congestion_window.h"

namespace hawser {

class RevocableWindow : public CongestionWindow {
 public:
  /// With HyStart++ and Proportional Rate Reduction if the configuration asks for them.
  explicit RevocableWindow(const CongestionConfig& config);
  /// With neither: for controllers that answer to delay themselves.
  static RevocableWindow plain(CongestionConfig config);

  /// Keeps `kept` of the window if the event is the first of its round trip; the minimum window on
  /// persistent congestion. Returns whether the window was reduced.
  bool on_loss(const LossEvent& event, WindowFraction kept);
  /// Takes the latest reduction back once all its losses are disproved, unless the window has
  /// outgrown the old one since. Returns whether it did.
  bool on_spurious_loss(const SpuriousLossEvent& event);
  /// The latest reduction stands, whatever is disproved: losses that led to none came after it.
  void confirm_reduction() { before_reduction_.reset(); }
  /// Starts afresh on a new path; otherwise only the datagram size changed.
  void on_path_change(const PathChangeEvent& event);

 private:
  CongestionConfig config_;
  /// The window before the latest reduction; empty once that is known to be justified.
  std::optional<CongestionWindow> before_reduction_;
};

}  // namespace hawser
