#include "tools/seeing/run_recorder.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace hawser::seeing {
namespace {

constexpr unsigned kSubBits = 4;

std::int64_t to_number(PacketNumber number) { return static_cast<std::int64_t>(number.value()); }

template <typename Record>
Record* add_to(std::deque<Record>& records, std::size_t most, auto&&... arguments) {
  if (records.size() == most) return nullptr;
  return &records.emplace_back(std::forward<decltype(arguments)>(arguments)...);
}

}  // namespace

void DurationHistogram::add(Duration value) {
  const auto nanos = static_cast<std::uint64_t>(std::max(value, Duration::zero()).count());
  const auto width = static_cast<unsigned>(std::bit_width(nanos));
  const unsigned shift = width > kSubBits + 1 ? width - (kSubBits + 1) : 0;
  ++classes_[(std::size_t{shift} << kSubBits) + static_cast<std::size_t>(nanos >> shift)];
  ++count_;
}

Duration DurationHistogram::lowest_of(std::size_t index) {
  const auto position = static_cast<std::int64_t>(index);
  if (index < (std::size_t{2} << kSubBits)) return Duration(position);
  const std::int64_t shift = (position >> kSubBits) - 1;
  return Duration((position - (shift << kSubBits)) << shift);
}

void SendTimes::note(std::int64_t number, Duration at) {
  if (entries_.empty()) entries_.resize(kKept);
  entries_[static_cast<std::size_t>(number) % kKept] = {number, at};
}

std::optional<Duration> SendTimes::of(std::int64_t number) const {
  if (entries_.empty()) return std::nullopt;
  const Entry& entry = entries_[static_cast<std::size_t>(number) % kKept];
  return entry.number == number ? std::optional(entry.at) : std::nullopt;
}

void SenderRecord::on_event(TimePoint now, ConnectionHandle connection, const TraceEvent& event) {
  if (connection_ == ConnectionHandle::none) connection_ = connection;
  if (connection != connection_) return;
  const Duration at = now - start_;
  std::visit([this, at](const auto& what) { on(at, what); }, event);
}

void SenderRecord::on(Duration at, const PacketSentTrace& packet) {
  sent.add(at, to_number(packet.number));
  send_times_.note(to_number(packet.number), at);
  sent_bytes.add(at, packet.bytes.value());
  if (packet.has_retransmission) retransmitted.add(at, to_number(packet.number));
  if (!packet.is_ack_eliciting) return;
  // The metrics come with acknowledgements, when the flight has shrunk: they would hide its peaks.
  in_flight_now_ += packet.bytes;
  in_flight.add(at, in_flight_now_.value());
}

void SenderRecord::on(Duration, const PacketReceivedTrace&) {}
void SenderRecord::on(Duration, const PacketDroppedTrace&) {}

void SenderRecord::on(Duration at, const PacketLostTrace& packet) {
  const std::int64_t number = to_number(packet.number);
  losses_declared.add(at, number);
  lost.add(send_time(at, number), number);
}

void SenderRecord::on(Duration at, const SpuriousLossTrace& packet) {
  const std::int64_t number = to_number(packet.number);
  disproved.add(send_time(at, number), number);
}

// As exactly as it is known; `at` of a packet that nobody saw leave.
Duration SenderRecord::send_time(Duration at, std::int64_t number) const {
  if (const auto exact = send_times_.of(number)) return *exact;
  return sent.time_of(number).value_or(at);
}

void SenderRecord::on(Duration at, const MetricsTrace& metrics) {
  window.add(at, metrics.congestion.congestion_window.value());
  in_flight_now_ = metrics.bytes_in_flight;
  in_flight.add(at, in_flight_now_.value());
  if (metrics.rtt.latest > Duration::zero()) {
    smoothed_rtt.add(at, metrics.rtt.smoothed.count());
    latest_rtt.add(at, metrics.rtt.latest.count());
  }
  if (!metrics.pacing_rate.is_infinite()) {
    pacing_rate.add(at, metrics.pacing_rate.bits_per_second());
  }
}

void SenderRecord::on(Duration, const EcnTrace&) {}
void SenderRecord::on(Duration, const DatagramSizeTrace&) {}

void SenderRecord::on(Duration, const StateTrace& state) {
  if (state.state == "closed") connection_ = ConnectionHandle::none;
}

void FlowRecord::on_delivery(Duration since_start, ByteCount bytes, Duration due_to_delivery) {
  const Duration spread = std::min(due_to_delivery, kSpreadMax);
  const Duration begin = std::clamp(since_start - spread, last_delivery_, since_start);
  delivered_bytes.add_over(begin, since_start, bytes.value());
  last_delivery_ = since_start;
  latency.add(since_start, due_to_delivery.count());
  latencies.add(due_to_delivery);
}

// A copy of the simplest queue, first in first out: what a datagram waits for is known when it
// comes, before any discipline behind it has decided.
void LinkRecord::on_offered(const netsim::OfferedDatagram& offered, const Queue& queue) {
  using netsim::Outcome;
  const Duration at = offered.since_start;
  const Outcome outcome = offered.fate.outcome;
  if (outcome == Outcome::queue_full || outcome == Outcome::dropped_early) {
    return dropped_by_queue.add(at, 1);
  }
  if (outcome != Outcome::passed) return lost.add(at, 1);
  const std::int64_t copies = offered.fate.is_duplicated ? 2 : 1;
  const ByteCount bytes = offered.datagram.wire_size() * copies;
  carried_bytes.add(at + queue.wait, bytes.value());
  if (queue.rate.is_infinite()) return;
  wait.add(at, queue.wait.count());
  if (queue.has_trace) return;
  capacity.add(at, queue.rate.bits_per_second());
}

void LinkRecord::on_dropped_later(Duration since_start, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) dropped_by_queue.add(since_start, 1);
}

void LinkRecord::note_opportunities(Duration now, const netsim::RateTrace& trace) {
  const std::int64_t end = trace.count_before(now);
  for (std::int64_t i = trace.count_before(opportunities_until_); i < end; ++i)
    opportunity_bytes.add(trace.time_of(i), netsim::RateTrace::kOpportunity.value());
  opportunities_until_ = now;
}

SenderRecord* RunRecorder::add_sender(std::string name) {
  return add_to(senders_, kSendersMax, std::move(name), start_);
}
FlowRecord* RunRecorder::add_flow(std::string name) {
  return add_to(flows_, kFlowsMax, std::move(name));
}
LinkRecord* RunRecorder::add_link(std::string name) {
  return add_to(links_, kLinksMax, std::move(name));
}

}  // namespace hawser::seeing
