#include "arq/loss_detector.h"

#include <algorithm>

namespace hawser {
namespace {

/// Acknowledgements alone say nothing, and probes of the path's MTU nothing but that.
bool is_congestion_signal(const SentPacket& packet) {
  return packet.is_in_flight && !packet.is_mtu_probe;
}

}  // namespace

void LossDetector::learn_reordering(TimePoint now, const RttEstimator& rtt,
                                    const SentPacketLog& log, PacketNumber largest_acked_before) {
  for (std::size_t i = 0; i < log.settled_count(); ++i) {
    const SettledPacket& late = log.settled(i);
    // The peer answers at once only what elicits an acknowledgement: no other tells its age.
    if (!late.packet.is_ack_eliciting || late.number < path_start_) continue;
    if (late.number > largest_acked_before) continue;
    reordering_.on_late_arrival(log.sent_between(late.number, largest_acked_before),
                                now - late.packet.sent_time, rtt);
  }
}

LossDetector::Outcome LossDetector::detect(TimePoint now, const RttEstimator& rtt,
                                           SentPacketLog& log, Duration ack_delay_max) {
  clear_lost();
  deadline_ = kNever;
  if (!first_sample_time_ && rtt.has_sample()) first_sample_time_ = now;
  if (!log.largest_acked()) return {};

  const PacketNumber largest_acked = *log.largest_acked();
  const Duration threshold = reordering_.time_threshold(rtt);
  const std::uint64_t packet_threshold = reordering_.packet_threshold().value_or(UINT64_MAX);
  const Duration persistent_period =
      kPersistentCongestionThreshold * (rtt.probe_timeout() + ack_delay_max);
  Outcome outcome;
  LostRun run;
  // Records are in order of sending: behind the first that is not lost, none is.
  log.for_each_outstanding(PacketNumber(0), [&](PacketNumber number, const SentPacket& packet) {
    if (number >= largest_acked) return false;
    const bool is_lost = log.sent_between(number, largest_acked) >= packet_threshold ||
                         packet.sent_time + threshold <= now;
    if (!is_lost) {
      deadline_ = packet.sent_time + threshold;
      return false;
    }
    if (!note_lost(number, packet)) {
      deadline_ = now + kGranularity;
      return false;
    }
    log.declare_lost(number);
    if (!packet.is_mtu_probe) note_episode(now, packet.sent_time);
    if (is_congestion_signal(packet)) outcome.largest_lost_sent_time = packet.sent_time;
    run.is_continued = number == log.next_sent(run.last);
    run.last = number;
    if (extends_to_persistent(run, packet, persistent_period)) {
      outcome.is_persistent_congestion = true;
    }
    return true;
  });
  outcome.lost_count = lost_numbers_.size();
  return outcome;
}

/// Losses of packets that were under way when others were found belong to the same episode.
void LossDetector::note_episode(TimePoint now, TimePoint sent_time) {
  if (sent_time <= episode_end_) return;
  episode_end_ = now;
  reordering_.on_loss_episode();
}

bool LossDetector::note_lost(PacketNumber number, const SentPacket& packet) {
  if (!lost_numbers_.reserve(lost_numbers_.size() + 1)) return false;
  if (is_congestion_signal(packet) && !lost_packets_.push_back(lost_packet_of(number, packet))) {
    return false;
  }
  return lost_numbers_.push_back(number);
}

/// Adds a lost packet to the row; true if the row now spans more than `period` between two
/// ack-eliciting packets sent after the first round-trip sample (RFC 9002 s7.6.2).
bool LossDetector::extends_to_persistent(LostRun& run, const SentPacket& packet,
                                         Duration period) const {
  if (!run.is_continued) run.first_eliciting_sent_time = kNever;
  if (!packet.is_ack_eliciting || packet.is_mtu_probe) return false;
  if (!first_sample_time_ || packet.sent_time <= *first_sample_time_) return false;
  run.first_eliciting_sent_time = std::min(run.first_eliciting_sent_time, packet.sent_time);
  return packet.sent_time - run.first_eliciting_sent_time > period;
}

std::span<const LostPacket> LossDetector::lost_packets() const {
  if (lost_packets_.empty()) return {};
  return {&lost_packets_.front(), lost_packets_.size()};
}

std::size_t LossDetector::forgive_larger_than(ByteCount size, SentPacketLog& log) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < lost_packets_.size(); ++i) {
    if (lost_packets_[i].bytes <= size) {
      lost_packets_[kept++] = lost_packets_[i];
    } else {
      log.forgive(lost_packets_[i].number);
    }
  }
  const std::size_t forgiven = lost_packets_.size() - kept;
  for (std::size_t i = 0; i < forgiven; ++i) lost_packets_.pop_back();
  return forgiven;
}

void LossDetector::clear_lost() {
  // Most rounds lose a few packets or none; the memory of a large loss goes back.
  constexpr std::size_t kKept = 16;
  const bool was_large = lost_numbers_.size() > kKept;
  lost_numbers_.clear();
  lost_packets_.clear();
  if (!was_large) return;
  lost_numbers_.release();
  lost_packets_.release();
}

void LossDetector::reset(PacketNumber path_start) {
  clear_lost();
  reordering_ = {};
  path_start_ = path_start;
  deadline_ = kNever;
  first_sample_time_.reset();
}

}  // namespace hawser
