#include "transport/connection/path_mtu_search.h"

#include <algorithm>

namespace hawser {

namespace {

/// What Ethernet leaves of its 1500 bytes under IPv4 and IPv6, then the same of tunnels.
constexpr ByteCount kCommonSizes[] = {ByteCount(1472), ByteCount(1452), ByteCount(1392),
                                      ByteCount(1252)};

}  // namespace

PathMtuSearch::PathMtuSearch(const Config& config) : config_(config) {
  config_.max = std::max(config.start, config.max);
  restart();
}

void PathMtuSearch::restart() {
  begin(config_.start);
  forget_pair();
  passed_ = {};
  vanished_ = {};
}

void PathMtuSearch::forget_flight() {
  probe_.reset();
  forget_pair();
  vanished_ = {};
}

/// A search upwards from `size`, with everything above it open.
void PathMtuSearch::begin(ByteCount size) {
  size_ = size;
  refused_ = config_.max + ByteCount(1);
  has_passed_ = false;
  probe_.reset();
  probes_lost_in_row_ = 0;
}

void PathMtuSearch::limit(ByteCount size) {
  HAWSER_ASSERT(size >= kBaseSize);
  config_.max = std::min(config_.max, size);
  config_.start = std::min(config_.start, size);
  refused_ = std::min(refused_, size + ByteCount(1));
  size_ = std::min(size_, size);
}

std::optional<ByteCount> PathMtuSearch::due_probe(TimePoint now) {
  if (!config_.is_wanted || probe_) return std::nullopt;
  if (is_complete() && probes_sent_ > 0 && now >= last_probe_time_ + kRaiseInterval) begin(size_);
  if (is_complete()) return std::nullopt;
  return next_size();
}

/// First what is common, from the top down, until one passes; then halves.
ByteCount PathMtuSearch::next_size() const {
  const bool is_untried = refused_ > config_.max;
  const ByteCount highest = is_untried ? config_.max : refused_ - ByteCount(1);
  if (!has_passed_) {
    for (const ByteCount common : kCommonSizes) {
      if (common <= highest && common > size_ + kStep) return common;
    }
  }
  return is_untried ? config_.max : size_ + (refused_ - size_) / 2;
}

void PathMtuSearch::on_probe_sent(TimePoint now, PacketNumber number, ByteCount size) {
  probe_ = Probe{number, size};
  last_probe_time_ = now;
  ++probes_sent_;
}

void PathMtuSearch::on_acked(const Packet& packet) {
  companions_ = 0;
  if (probe_ && probe_->number == packet.number) {
    size_ = std::max(size_, probe_->size);
    has_passed_ = true;
    probe_.reset();
    probes_lost_in_row_ = 0;
  }
  note_passed(packet);
}

void PathMtuSearch::on_lost(const Packet& packet, Duration round_trip) {
  if (packet.number == companion_) forget_pair();
  if (probe_ && probe_->number == packet.number) {
    ++probes_lost_;
    if (++probes_lost_in_row_ == kProbesMax) refuse(probe_->size);
    probe_.reset();
    return;
  }
  if (packet.bytes > kBaseSize && packet.bytes <= size_) note_vanished(packet, round_trip);
}

void PathMtuSearch::refuse(ByteCount size) {
  refused_ = std::min(refused_, size);
  probes_lost_in_row_ = 0;
}

void PathMtuSearch::on_refused(ByteCount size) {
  refuse(size);
  if (probe_ && probe_->size >= size) probe_.reset();
  size_ = std::min(size_, std::max(size - ByteCount(1), kBaseSize));
  if (passed_.size > size_) passed_ = {};
}

void PathMtuSearch::note_passed(const Packet& packet) {
  if (packet.number == paired_) forget_pair();
  if (packet.number == companion_) came_alone_ = true;  // unless the large one is told of as well
  if (packet.bytes <= kBaseSize) return;
  if (paired_ && packet.number > *paired_) forget_pair();  // it was lost in an outage
  const bool is_newer = packet.bytes == passed_.size && packet.number > passed_.number;
  if (packet.bytes > passed_.size || is_newer) passed_ = {packet.number, packet.bytes};
  if (packet.number > vanished_.first && packet.bytes >= vanished_.smallest) vanished_ = {};
}

void PathMtuSearch::LostRow::add(const Packet& packet) {
  const bool is_first = count++ == 0;
  first = is_first ? packet.number : std::min(first, packet.number);
  smallest = is_first ? packet.bytes : std::min(smallest, packet.bytes);
  first_sent = is_first ? packet.sent_time : std::min(first_sent, packet.sent_time);
  last_sent = is_first ? packet.sent_time : std::max(last_sent, packet.sent_time);
}

/// RFC 8899 s4.3: a path that carried a size may cease to, without a word.
void PathMtuSearch::note_vanished(const Packet& packet, Duration round_trip) {
  if (!config_.is_wanted) return;
  if (packet.bytes <= passed_.size && packet.number < passed_.number) return;
  vanished_.add(packet);
  const bool has_lasted = vanished_.last_sent - vanished_.first_sent > round_trip;
  if (vanished_.count < kBlackHoleLosses || !came_alone_ || !has_lasted) return;
  ++black_holes_;
  const ByteCount smallest = vanished_.smallest;
  begin(kBaseSize);
  refuse(smallest);
  passed_ = {};
  vanished_ = {};
  forget_pair();
}

bool PathMtuSearch::wants_companion(const Departure& large) {
  if (!config_.is_wanted || large.bytes <= kBaseSize) return false;
  const bool is_suspicious = vanished_.count >= kBlackHoleLosses && !paired_;
  const Duration patience =
      kDoubtTimeouts * large.probe_timeout * (std::int64_t{1} << std::min(companions_, 16));
  if (!is_suspicious && large.waiting < patience) return false;
  ++companions_;
  forget_pair();
  paired_ = large.number;
  return true;
}

void PathMtuSearch::on_companion_sent(PacketNumber number) {
  if (paired_) companion_ = number;
}

void PathMtuSearch::forget_pair() {
  paired_.reset();
  companion_.reset();
  came_alone_ = false;
}

void PathMtuSearch::add_to(ConnectionStats& stats) const {
  stats.mtu_probes_sent = probes_sent_;
  stats.mtu_probes_lost = probes_lost_;
  stats.mtu_black_holes = black_holes_;
}

}  // namespace hawser
