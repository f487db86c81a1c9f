#include "tools/hawser/raw_udp_load.h"

#include <utility>

#include "tools/hawser/message_content.h"

namespace hawser::cli {
namespace {

constexpr std::uint64_t kFlowKey = 0x726177;  // apart from every other flow's

SocketAddress loopback() { return SocketAddress::ipv4({127, 0, 0, 1}, 0); }

}  // namespace

Result<std::unique_ptr<RawUdpLoad>> RawUdpLoad::create(EventLoop& loop, const Plan& plan) {
  std::unique_ptr<RawUdpLoad> load(new RawUdpLoad(loop, plan));
  auto source = UdpPort::open(loop, loopback(), nullptr);
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
      check_({.flow_key = kFlowKey,
              .message_size = plan.message_size,
              .delivery = Delivery::unreliable}),
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

void RawUdpLoad::on_arrival(const UdpPort::Arrival& arrival) {
  ++received_;
  const DeliveryCheck::Verdict verdict = check_.check(arrival.bytes);
  if (verdict.is_new && verdict.due) latency_.add(arrival.now - *verdict.due);
}

}  // namespace hawser::cli
