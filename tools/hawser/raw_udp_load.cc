#include "tools/hawser/raw_udp_load.h"

#include <utility>

#include "tools/hawser/message_content.h"

namespace hawser::cli {
namespace {

constexpr std::uint64_t kFlowKey = 0x726177;  // apart from every other flow's

SocketAddress loopback() { return SocketAddress::ipv4({127, 0, 0, 1}, 0); }

DeliveryCheck::Expectation expectation(const RawUdpLoad::Plan& plan) {
  return {
      .flow_key = kFlowKey, .message_size = plan.message_size, .delivery = Delivery::unreliable};
}

}  // namespace

Result<std::unique_ptr<RawUdpLoad>> RawUdpLoad::create(EventLoop& loop, const Plan& plan) {
  std::unique_ptr<RawUdpLoad> load(new RawUdpLoad(loop, plan));
  auto source = UdpPort::open(
      loop, loopback(), [raw = load.get()](const UdpPort::Arrival& echo) { raw->on_echo(echo); });
  if (!source) return source.error();
  load->source_ = std::move(*source);
  auto sink = UdpPort::open(loop, loopback(), [raw = load.get()](const UdpPort::Arrival& arrival) {
    raw->on_arrival(arrival);
  });
  if (!sink) return sink.error();
  load->sink_ = std::move(*sink);
  return load;
}

RawUdpLoad::RawUdpLoad(EventLoop& loop, const Plan& plan)
    : plan_(plan),
      check_(expectation(plan)),
      check_of_echoes_(expectation(plan)),
      alarm_(loop, [this] { on_alarm(); }) {}

TimePoint RawUdpLoad::due_of(std::uint64_t index) const {
  return start_ + plan_.interval * static_cast<std::int64_t>(index);
}

void RawUdpLoad::start(const SocketAddress& first_hop) {
  first_hop_ = first_hop;
  start_ = monotonic_now();
  alarm_.arm(start_);
}

void RawUdpLoad::on_alarm() {
  if (sent_ == plan_.count) {
    is_done_ = true;
    return;
  }
  const TimePoint now = monotonic_now();
  for (; sent_ < plan_.count && due_of(sent_) <= now; ++sent_) {
    Buffer message = Buffer::allocate(pool_, plan_.message_size);
    if (message.is_null()) continue;
    fill_message(message.writable(), kFlowKey, {.index = sent_, .due = due_of(sent_)});
    source_->send(first_hop_, std::move(message));
  }
  alarm_.arm(sent_ < plan_.count ? due_of(sent_) : now + plan_.patience);
}

void RawUdpLoad::wait_again() {
  is_done_ = false;
  alarm_.arm(monotonic_now() + plan_.patience);
}

void RawUdpLoad::on_arrival(const UdpPort::Arrival& arrival) {
  if (received_++ == 0) first_arrival_ = arrival.now;
  last_arrival_ = arrival.now;
  if (plan_.is_echoed) sink_->send(arrival.from, Buffer::copy_of(pool_, arrival.bytes));
  const DeliveryCheck::Verdict verdict = check_.check(arrival.bytes);
  if (verdict.is_new && verdict.due) latency_.add(arrival.now - *verdict.due);
}

void RawUdpLoad::on_echo(const UdpPort::Arrival& echo) {
  ++echoes_received_;
  const DeliveryCheck::Verdict verdict = check_of_echoes_.check(echo.bytes);
  if (verdict.is_new && verdict.due) round_trip_.add(echo.now - *verdict.due);
}

}  // namespace hawser::cli
