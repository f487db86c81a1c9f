#pragma once
/// FQ-CoDel, RFC 8290: flows by turns, each with a CoDel of its own.

#include <cstdint>
#include <vector>

#include "hawser/netsim/queue_config.h"
#include "hawser/random.h"
#include "tools/netsim/codel_queue.h"
#include "tools/netsim/queue_discipline.h"

namespace hawser::netsim {

/// Deficit round robin over two lists: flows that have just begun come before those that keep a
/// queue. Draws the salt of its hash once. Not thread-safe.
class FqCodelQueue final : public QueueDiscipline {
 public:
  FqCodelQueue(const FqCodel& config, SeededRandom random);

  void push(QueuedDatagram&& queued) override;
  std::optional<QueuedDatagram> pop(TimePoint now) override;
  std::optional<QueuedDatagram> take() override;
  /// Drops half of the longest flow, at least one and at most 64, from its head (RFC 8290 s4.1).
  bool make_room() override;

 private:
  struct Flow {
    CodelLine line;
    std::int64_t deficit = 0;  // bytes that it may still send in this turn
    bool is_listed = false;
  };
  std::uint32_t index_of(const Datagram& datagram) const;

  FqCodel config_;
  std::uint64_t salt_;
  std::vector<Flow> flows_;
  Ring<std::uint32_t> new_flows_;
  Ring<std::uint32_t> old_flows_;
};

}  // namespace hawser::netsim
