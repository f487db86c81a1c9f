#pragma once
/// Decides by content what became of a flow's messages at their receiver. Not thread-safe.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "hawser/message.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::cli {

/// Which numbers of a growing sequence were seen. Keeps a window of `kWindow` numbers: what falls
/// out of it counts as seen, so a number can be taken for a repetition wrongly only if it comes a
/// window late, and a repetition is never missed.
class SeenIndices {
 public:
  static constexpr std::uint64_t kWindow = std::uint64_t{1} << 22;

  /// Whether it is the first time.
  bool mark(std::uint64_t index);
  /// One above the largest number seen.
  std::uint64_t end() const { return end_; }

 private:
  std::uint64_t end_ = 0;
  std::uint64_t first_unseen_ = 0;  // all below were seen
  std::vector<bool> seen_;          // by index modulo its size, for [first_unseen_, end_)
  void grow_to(std::uint64_t span);
};

/// What a receiver found. Only `delivered` is right.
struct DeliveryCounts {
  std::uint64_t delivered = 0;  ///< different, whole, unchanged messages
  std::uint64_t duplicates = 0;
  std::uint64_t out_of_order = 0;  ///< where order was promised: delivered after a later one
  std::uint64_t overtaken = 0;     ///< the same whatever was promised
  std::uint64_t corrupt = 0;       ///< wrong size, or a wrong byte
  ByteCount bytes{0};              ///< of the delivered ones
};

class DeliveryCheck {
 public:
  struct Expectation {
    std::uint64_t flow_key = 0;
    std::size_t message_size = 0;
    Delivery delivery = Delivery::ordered;
  };
  /// What one message turned out to be. `index` is absent if it is bad, a repetition, or too small
  /// to say.
  struct Verdict {
    bool is_new = false;
    std::optional<std::uint64_t> index;
    std::optional<TimePoint> due;
  };

  explicit DeliveryCheck(const Expectation& expectation);
  Verdict check(std::span<const std::uint8_t> message);
  /// Repetitions among messages too small to name themselves (below 4 bytes, where order does not
  /// tell) show only against the number that was sent.
  DeliveryCounts counts(std::uint64_t messages_sent) const;

 private:
  std::uint64_t expand(std::uint64_t index_low) const;
  Verdict accept(std::optional<std::uint64_t> index);

  Expectation expectation_;
  unsigned index_bits_;
  bool is_anonymous_;  // equal messages cannot be told apart
  DeliveryCounts counts_;
  SeenIndices seen_;
  std::vector<std::uint64_t> anonymous_;  // deliveries by what the message says, at most 2^16
};

}  // namespace hawser::cli
