#pragma once
/// Whether the window was full at any time of the present round trip or the one before:
/// C.is_cwnd_limited. A bound that was not reached has not been tried. A plain value.

#include "hawser/units.h"

namespace hawser::bbr {

class WindowUse {
 public:
  /// After each packet: whether another one of that size would have found room.
  void on_sent(ByteCount in_flight, ByteCount datagram_size, ByteCount window) {
    is_full_ = is_full_ || in_flight + datagram_size > window;
  }
  void on_round_start() {
    was_full_ = is_full_;
    is_full_ = false;
  }
  bool was_full() const { return is_full_ || was_full_; }

 private:
  bool is_full_ = false;
  bool was_full_ = false;
};

}  // namespace hawser::bbr
