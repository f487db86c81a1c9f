#include "congestion/prr.h"

#include <algorithm>

namespace hawser {
namespace {

__extension__ using Wide = __int128;

/// a * b / divisor, rounded up.
ByteCount scaled_up(ByteCount a, ByteCount b, ByteCount divisor) {
  const Wide product = Wide(a.value()) * b.value() + divisor.value() - 1;
  return ByteCount(static_cast<std::int64_t>(product / divisor.value()));
}

}  // namespace

Prr::Prr(const LossEvent& event, const Target& target)
    : target_(target),
      recover_flight_size_(
          std::max({event.prior_in_flight, event.context.bytes_in_flight, target.datagram_size})),
      in_flight_(event.context.bytes_in_flight),
      allowance_(target.datagram_size),
      last_loss_(event.context.now) {}

void Prr::on_sent(const SentEvent& event) {
  sent_ += event.bytes;
  allowance_ -= std::min(event.bytes, allowance_);
  in_flight_ = event.context.bytes_in_flight;
}

void Prr::on_loss(const LossEvent& event) {
  in_flight_ = event.context.bytes_in_flight;
  last_loss_ = event.context.now;
}

void Prr::on_ack(const AckEvent& event) {
  delivered_ += event.acked_bytes;
  in_flight_ = event.context.bytes_in_flight;
  allowance_ = send_count(event.acked_bytes, event.context.now > last_loss_);
}

/// sndcnt, RFC 9937 s6.2.
ByteCount Prr::send_count(ByteCount newly_delivered, bool is_safe) const {
  ByteCount count{0};
  if (in_flight_ > target_.ssthresh) {
    count = scaled_up(delivered_, target_.ssthresh, recover_flight_size_) - sent_;
  } else {
    count = std::max(delivered_ - sent_, newly_delivered);
    if (is_safe) count += target_.datagram_size;
    count = std::min(count, target_.ssthresh - in_flight_);
  }
  // What is to leave first needs a whole datagram.
  const bool has_sent = sent_ > ByteCount(0);
  return std::max(count, has_sent ? ByteCount(0) : target_.datagram_size);
}

}  // namespace hawser
