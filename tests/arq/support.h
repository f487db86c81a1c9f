#pragma once
/// What the tests of this folder share: virtual times, a log that is filled in one line.

#include <algorithm>
#include <chrono>
#include <initializer_list>

#include "arq/sent_packet_log.h"
#include "hawser/memory_pool.h"
#include "hawser/time.h"

namespace hawser::test {

/// A virtual time that long after the start of the test; the clock does not start at zero.
constexpr TimePoint at(Duration since_start) {
  return TimePoint(std::chrono::seconds(1)) + since_start;
}

/// A duration in (binary fractions of) milliseconds.
constexpr Duration ms(double milliseconds) {
  return Duration(static_cast<Duration::rep>(milliseconds * 1e6));
}

/// An ack-eliciting packet in flight of 1200 bytes, such as carries segments.
constexpr SentPacketLog::Transmission data_packet(TimePoint sent) {
  return {.sent_time = sent,
          .bytes = ByteCount(1200),
          .is_ack_eliciting = true,
          .is_in_flight = true,
          .is_app_limited = false,
          .items = {}};
}

/// The same as a probe of whether the path carries 1472 bytes.
constexpr SentPacketLog::Transmission mtu_probe(TimePoint sent) {
  SentPacketLog::Transmission probe = data_packet(sent);
  probe.bytes = ByteCount(1472);
  probe.is_mtu_probe = true;
  return probe;
}

/// A packet that carries an acknowledgement only.
constexpr SentPacketLog::Transmission pure_ack(TimePoint sent) {
  return {.sent_time = sent,
          .bytes = ByteCount(60),
          .is_ack_eliciting = false,
          .is_in_flight = false,
          .is_app_limited = false,
          .items = {}};
}

inline PacketNumber send(SentPacketLog& log, const SentPacketLog::Transmission& transmission) {
  const PacketNumber number = log.next_number();
  if (!log.reserve(transmission.items.size())) return PacketNumber::last();
  log.add(transmission);
  return number;
}

/// Acknowledges numbers in one ACK frame, given from the largest down.
inline std::error_code ack(SentPacketLog& log, std::initializer_list<std::uint64_t> numbers) {
  for (const std::uint64_t number : numbers) {
    if (auto error = log.on_ack_range(PacketNumber(number), PacketNumber(number))) return error;
  }
  return {};
}

}  // namespace hawser::test
