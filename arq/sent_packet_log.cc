#include "arq/sent_packet_log.h"

namespace hawser {

LostPacket lost_packet_of(PacketNumber number, const SentPacket& packet) {
  return {.number = number,
          .bytes = packet.bytes,
          .sent_time = packet.sent_time,
          .is_app_limited = packet.is_app_limited,
          .delivered_at_send = packet.delivered_at_send,
          .lost_at_send = packet.lost_at_send,
          .in_flight_at_send = packet.in_flight_at_send};
}

bool SentPacketLog::reserve(std::size_t items) {
  if (records_.size() >= kPacketsMax) return false;
  return records_.reserve(records_.size() + 1) && items_.reserve(items_.size() + items);
}

void SentPacketLog::add(const Transmission& transmission) {
  HAWSER_ASSERT(records_.empty() || records_.back().packet.sent_time <= transmission.sent_time);
  if (transmission.is_in_flight) {
    if (bytes_in_flight_ == ByteCount(0)) {
      // draft-ietf-ccwg-bbr s4.1.2.2: idle time belongs to no sample.
      first_sent_time_ = transmission.sent_time;
      delivered_time_ = transmission.sent_time;
    }
    // s4.1.2.4: more packets than this one have the gap within their samples.
    const bool is_after_gap = transmission.sent_time > newest_in_flight_sent_time_;
    newest_in_flight_sent_time_ = transmission.sent_time;
    if (transmission.is_app_limited && is_after_gap) {
      app_limited_until_ = total_delivered_ + bytes_in_flight_;
    }
    if (app_limited_until_ && total_delivered_ > *app_limited_until_) app_limited_until_.reset();
    bytes_in_flight_ += transmission.bytes;
  }
  if (transmission.is_ack_eliciting) {
    ++eliciting_outstanding_;
    last_eliciting_sent_time_ = transmission.sent_time;
  }

  Record added;
  added.packet = {.sent_time = transmission.sent_time,
                  .bytes = transmission.bytes,
                  .is_ack_eliciting = transmission.is_ack_eliciting,
                  .is_in_flight = transmission.is_in_flight,
                  .is_app_limited = app_limited_until_.has_value(),
                  .is_ect = transmission.is_ect,
                  .is_mtu_probe = transmission.is_mtu_probe,
                  .state = PacketState::outstanding,
                  .items_count = static_cast<std::uint16_t>(transmission.items.size()),
                  .delivered_at_send = total_delivered_,
                  .lost_at_send = total_lost_,
                  .in_flight_at_send = bytes_in_flight_,
                  .delivered_time_at_send = delivered_time_,
                  .first_sent_time_at_send = first_sent_time_,
                  .items_begin = items_front_ + items_.size()};
  bool is_stored = records_.push_back(added);
  for (const PacketItem& item : transmission.items) is_stored = items_.push_back(item) && is_stored;
  HAWSER_ASSERT(is_stored);
  advance_oldest();
}

bool SentPacketLog::skip_number(TimePoint now) {
  if (!reserve(0)) return false;
  Record added;
  added.packet.sent_time = now;
  added.packet.state = PacketState::skipped;
  added.packet.items_begin = items_front_ + items_.size();
  const bool is_stored = records_.push_back(added);
  HAWSER_ASSERT(is_stored);
  newest_skip_ = next_number() - 1;
  advance_oldest();
  return true;
}

PacketNumber SentPacketLog::next_sent(PacketNumber number) const {
  do {
    number = number.next();
  } while (find(number) != nullptr && find(number)->state == PacketState::skipped);
  return number;
}

std::error_code SentPacketLog::on_ack_range(PacketNumber smallest, PacketNumber largest) {
  if (smallest > largest || largest >= next_number()) return Errc::malformed;
  if (!largest_acked_ || largest > *largest_acked_) largest_acked_ = largest;
  if (largest < front_) return {};  // long settled and forgotten

  const std::size_t top = largest.since(front_);
  const std::size_t bottom = smallest > front_ ? smallest.since(front_) : 0;
  std::error_code error;
  std::size_t end = skip_acknowledged(top + 1);  // all of [end, top] is acknowledged
  while (end > bottom) {
    if (records_[end - 1].packet.state == PacketState::skipped) {
      error = Errc::malformed;
      break;
    }
    if (!settle(end - 1)) {
      error = Errc::not_enough_memory;
      break;
    }
    end = skip_acknowledged(end - 1);
  }
  // The next acknowledgement of the same numbers crosses them in one step.
  if (end <= top) records_[top].acked_run = static_cast<std::uint32_t>(top + 1 - end);
  advance_oldest();
  return error;
}

/// Walks down from below index `end` past acknowledged records; returns where the first that is
/// not acknowledged ends, 0 if there is none.
std::size_t SentPacketLog::skip_acknowledged(std::size_t end) {
  while (end > 0) {
    ++records_visited_;
    Record& top = records_[end - 1];
    if (top.packet.state != PacketState::acknowledged) return end;
    if (top.acked_run >= end) return 0;
    const Record& below = records_[end - 1 - top.acked_run];
    if (below.packet.state == PacketState::acknowledged) top.acked_run += below.acked_run;
    end -= std::min<std::size_t>(end, top.acked_run);
  }
  return 0;
}

/// Marks the record acknowledged and reports it. False: no memory to report it, nothing changed.
bool SentPacketLog::settle(std::size_t index) {
  if (!settled_.reserve(settled_.size() + 1)) return false;
  Record& record = records_[index];
  SentPacket& packet = record.packet;
  // Unique numbers make this certain: the packet arrived although it had been declared lost.
  const bool was_lost = packet.state == PacketState::lost;
  if (!was_lost) take_out_of_flight(packet);  // a lost one left it then
  packet.state = PacketState::acknowledged;
  record.acked_run = 1;

  const PacketNumber number = front_ + index;
  const bool is_stored = settled_.push_back({number, packet, was_lost});
  HAWSER_ASSERT(is_stored);
  if (packet.is_in_flight && !was_lost) {
    total_delivered_ += packet.bytes;
    ++packets_delivered_;
    has_delivered_ = true;
    if (!newest_delivered_ || number > *newest_delivered_) {
      newest_delivered_ = number;
      newest_settled_ = settled_.size() - 1;
      first_sent_time_ = packet.sent_time;
    }
  }
  return true;
}

void SentPacketLog::declare_lost(PacketNumber number) {
  SentPacket& packet = record(number).packet;
  HAWSER_ASSERT(packet.state == PacketState::outstanding);
  take_out_of_flight(packet);
  packet.state = PacketState::lost;
  if (packet.is_in_flight && !packet.is_mtu_probe) total_lost_ += packet.bytes;
  advance_oldest();
}

void SentPacketLog::forgive(PacketNumber number) {
  SentPacket& packet = record(number).packet;
  HAWSER_ASSERT(packet.state == PacketState::lost);
  if (packet.is_in_flight && !packet.is_mtu_probe) total_lost_ -= packet.bytes;
  packet.is_mtu_probe = true;
}

void SentPacketLog::take_out_of_flight(const SentPacket& packet) {
  if (packet.is_in_flight) {
    bytes_in_flight_ -= packet.bytes;
    HAWSER_ASSERT(bytes_in_flight_ >= ByteCount(0));
  }
  if (packet.is_ack_eliciting) {
    HAWSER_ASSERT(eliciting_outstanding_ > 0);
    --eliciting_outstanding_;
  }
}

void SentPacketLog::advance_oldest() {
  const PacketNumber end = next_number();
  const auto is_outstanding = [this](PacketNumber number) {
    return record(number).packet.state == PacketState::outstanding;
  };
  oldest_outstanding_ = std::max(oldest_outstanding_, front_);
  while (oldest_outstanding_ < end && !is_outstanding(oldest_outstanding_)) {
    oldest_outstanding_ = oldest_outstanding_.next();
  }
  oldest_in_flight_ = std::max(oldest_in_flight_, oldest_outstanding_);
  while (oldest_in_flight_ < end &&
         !(is_outstanding(oldest_in_flight_) && record(oldest_in_flight_).packet.is_in_flight)) {
    oldest_in_flight_ = oldest_in_flight_.next();
  }
}

void SentPacketLog::clear_settled() {
  settled_.clear();
  newest_settled_.reset();
  has_delivered_ = false;
}

const SentPacket* SentPacketLog::find(PacketNumber number) const {
  if (number < front_ || number >= next_number()) return nullptr;
  return &records_[number.since(front_)].packet;
}

const PacketItem& SentPacketLog::item(const SentPacket& packet, std::size_t index) const {
  HAWSER_ASSERT(index < packet.items_count && packet.items_begin >= items_front_);
  return items_[packet.items_begin - items_front_ + index];
}

void SentPacketLog::forget(TimePoint lost_before) {
  while (!records_.empty() && is_forgettable(records_.front().packet, lost_before)) {
    const std::uint32_t items = records_.front().packet.items_count;
    items_.pop_front(items);
    items_front_ += items;
    records_.pop_front();
    front_ = front_.next();
  }
  advance_oldest();
  if (!records_.empty()) return;
  // An idle connection is small.
  records_.release();
  items_.release();
  if (settled_.empty()) settled_.release();
}

bool SentPacketLog::is_forgettable(const SentPacket& packet, TimePoint lost_before) const {
  switch (packet.state) {
    case PacketState::acknowledged:
      return true;
    case PacketState::skipped:
      // All before it is settled: who acknowledges it after what came behind gains nothing.
      if (largest_acked_ && *largest_acked_ > front_) return true;
      [[fallthrough]];
    case PacketState::lost:
      return packet.sent_time < lost_before;
    case PacketState::outstanding:
      break;
  }
  return !packet.is_ack_eliciting && !packet.is_in_flight && packet.sent_time < lost_before;
}

std::optional<TimePoint> SentPacketLog::oldest_outstanding_sent_time() const {
  const SentPacket* packet = find(oldest_in_flight_);
  if (packet == nullptr) return std::nullopt;
  return packet->sent_time;
}

DeliveryRateSample SentPacketLog::delivery_rate(TimePoint now, Duration min_rtt) {
  if (has_delivered_) delivered_time_ = now;
  if (!newest_settled_) return {};
  // draft-ietf-ccwg-bbr s4.1.2.3: the slower of sending and acknowledging, so that neither a burst
  // nor a compressed run of acknowledgements looks like capacity.
  const SentPacket& packet = settled_[*newest_settled_].packet;
  const Duration send_elapsed = packet.sent_time - packet.first_sent_time_at_send;
  const Duration ack_elapsed = now - packet.delivered_time_at_send;
  DeliveryRateSample sample;
  sample.is_app_limited = packet.is_app_limited;
  sample.interval = std::max(send_elapsed, ack_elapsed);
  sample.delivered = total_delivered_ - packet.delivered_at_send;
  sample.prior_delivered = packet.delivered_at_send;
  sample.prior_lost = packet.lost_at_send;
  sample.prior_in_flight = packet.in_flight_at_send;
  sample.is_valid = sample.interval >= min_rtt && sample.interval > Duration::zero();
  if (sample.is_valid) sample.rate = Bandwidth::from(sample.delivered, sample.interval);
  return sample;
}

ByteCount SentPacketLog::recount_in_flight() const {
  ByteCount sum{0};
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const SentPacket& packet = records_[i].packet;
    if (packet.is_in_flight && packet.state == PacketState::outstanding) sum += packet.bytes;
  }
  return sum;
}

}  // namespace hawser
