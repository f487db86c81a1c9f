#pragma once
/// The frames of one packet, which are all checked before any takes effect.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "transport/wire/codec.h"

namespace hawser {

/// Keeps the first few from the check, so that most packets are parsed only once. Valid as long as
/// the datagram. Not thread-safe.
class PacketFrames {
 public:
  explicit PacketFrames(std::span<const std::uint8_t> payload) : rest_(payload) {}

  /// Reads all frames and calls `look` with each. False if the payload is no sequence of frames, or
  /// empty. Once, before `for_each`.
  template <typename Look>
  bool read(Look look) {
    wire::FrameReader reader(rest_);
    if (reader.at_end()) return false;
    while (!reader.at_end()) {
      const Result<wire::Frame> frame = reader.next();
      if (!frame) return false;
      look(*frame);
      if (count_ == kept_.size()) continue;
      kept_[count_++] = *frame;
      rest_ = reader.rest();
    }
    return true;
  }
  /// Calls `take` with each frame until it returns false. Only after `read` returned true.
  template <typename Take>
  void for_each(Take take) const {
    for (std::size_t i = 0; i < count_; ++i) {
      if (!take(kept_[i])) return;
    }
    wire::FrameReader reader(rest_);
    while (!reader.at_end() && take(*reader.next())) {
    }
  }

 private:
  std::array<wire::Frame, 3> kept_;  // an acknowledgement, a control frame and a segment
  std::size_t count_ = 0;
  std::span<const std::uint8_t> rest_;  // behind them
};

}  // namespace hawser
