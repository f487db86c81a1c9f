#pragma once
/// Random early detection: S. Floyd and V. Jacobson, "Random Early Detection Gateways for
/// Congestion Avoidance" (1993), with the gentle slope that S. Floyd recommended in 2000.

#include <cstdint>

#include "hawser/netsim/queue_config.h"
#include "tools/netsim/draws.h"
#include "tools/netsim/queue_discipline.h"

namespace hawser::netsim {

/// Integer arithmetic throughout. Draws once for each datagram that comes. Not thread-safe.
class RedQueue final : public DropTailQueue {
 public:
  RedQueue(const Red& config, SeededRandom random);

  void set_rate(Bandwidth rate) override { rate_ = rate; }
  Verdict admit(TimePoint now, const Datagram& datagram) override;
  std::optional<QueuedDatagram> pop(TimePoint now) override;

  /// The average as of the last datagram that came.
  ByteCount average() const { return ByteCount(scaled_average_ >> config_.weight_shift); }
  /// The chance that follows from the average, before it is spread over the datagrams that came
  /// since the last one chosen.
  Q32 base_chance() const;

 private:
  void update_average(TimePoint now);
  bool is_chosen(Q32 base_chance, Q32 draw);

  Red config_;
  SeededRandom random_;
  Bandwidth rate_ = Bandwidth::infinite();
  std::int64_t scaled_average_ = 0;  // bytes, times 2^weight_shift
  std::int64_t since_chosen_ = 0;    // datagrams above the lower threshold
  TimePoint empty_since_{};
};

}  // namespace hawser::netsim
