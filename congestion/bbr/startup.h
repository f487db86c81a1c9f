#pragma once
/// Startup: twice the rate each round trip, until the path delivers no more or loses too much.
/// draft-ietf-ccwg-bbr s5.3.1. Not thread-safe.
///
/// ```
///   rate x 2 each round --> three rounds with less than a quarter more      --+
///        ^         |                                                          +--> Drain
///        +---------+   --> a round that lost over 2 %, in six places or more --+
/// ```

#include <optional>
#include <span>

#include "congestion/bbr/model.h"

namespace hawser::bbr {

class Startup {
 public:
  static constexpr Gain kPacingGain{277};  ///< 4 ln 2
  static constexpr Gain kWindowGain{200};
  /// Lost in fewer places than this, a round may have lost one burst to something else.
  static constexpr int kLossGaps = 6;

  void enter();
  void on_loss(std::span<const LostPacket> packets);
  /// A round that lost too much ends the search. Once for each acknowledgement.
  bool ends_by_loss(Model& model, const RateSample& sample);
  /// The limit of the path was passed: what it delivered is the long-term bound.
  static void end_by_congestion(Model& model);

 private:
  int gaps_ = 0;  ///< in this loss round
  std::optional<PacketNumber> last_lost_;
};

}  // namespace hawser::bbr
