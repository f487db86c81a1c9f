#include "tools/hawser/traffic.h"

#include <algorithm>
#include <utility>

#include "tools/hawser/message_content.h"

namespace hawser::cli {

const char* to_string(TrafficMode mode) {
  switch (mode) {
    case TrafficMode::bulk:
      return "bulk";
    case TrafficMode::messages:
      return "messages";
    case TrafficMode::pingpong:
      return "pingpong";
  }
  return "unknown";
}

MessageSender::MessageSender(const TrafficPlan& plan, std::uint64_t tag_base, MemoryPool& pool,
                             Send send)
    : plan_(plan), tag_base_(tag_base), pool_(&pool), send_(std::move(send)), limit_(plan.count) {}

void MessageSender::start(TimePoint now) {
  start_ = now;
  next_ping_ = now;
}

void MessageSender::stop() { limit_ = sent_; }

void MessageSender::die() {
  stop();
  is_awaiting_answer_ = false;
  receipts_.connection_lost += sent_ - receipts_.total();
}

std::optional<TimePoint> MessageSender::due_of(std::uint64_t index) const {
  if (plan_.mode == TrafficMode::pingpong && index + 1 == sent_) return last_due_;
  if (plan_.mode != TrafficMode::messages || !start_) return std::nullopt;
  return *start_ + plan_.interval * static_cast<std::int64_t>(index / plan_.burst);
}

// When the next message is due, whether or not it would be accepted.
TimePoint MessageSender::due_next() const {
  switch (plan_.mode) {
    case TrafficMode::bulk:
      return refused_due_.value_or(TimePoint::min());
    case TrafficMode::messages:
      return *due_of(sent_);
    case TrafficMode::pingpong:
      return is_awaiting_answer_ ? kNever : next_ping_;
  }
  return kNever;
}

TimePoint MessageSender::next_due() const {
  if (!start_ || obstacle_ != Obstacle::none || is_exhausted()) return kNever;
  return std::max(due_next(), *start_);
}

void MessageSender::send_due(TimePoint now) {
  while (next_due() <= now) {
    const bool is_bulk = plan_.mode == TrafficMode::bulk;
    const TimePoint due = is_bulk ? refused_due_.value_or(now) : due_next();
    if (!send_one(due)) {
      refused_due_ = due;
      return;
    }
    refused_due_.reset();
    last_due_ = due;
    if (plan_.mode == TrafficMode::pingpong) {
      is_awaiting_answer_ = true;
      next_ping_ = due + plan_.interval;
    }
  }
}

bool MessageSender::send_one(TimePoint due) {
  Buffer message = Buffer::allocate(*pool_, plan_.message_size);
  Result<MessageId> sent = Errc::not_enough_memory;
  if (!message.is_null()) {
    fill_message(message.writable(), plan_.flow_key, {.index = sent_, .due = due});
    sent = send_(std::move(message),
                 {.channel = plan_.channel, .delivery = plan_.delivery, .tag = tag_base_ + sent_});
  }
  if (sent) {
    ++sent_;
    if (shared_under_way_ != nullptr) ++*shared_under_way_;
    return true;
  }
  ++refusals_;
  if (sent.error() == Errc::would_block) {
    obstacle_ = Obstacle::full_buffer;
  } else if (sent.error() == Errc::not_enough_memory && under_way() > 0) {
    obstacle_ = Obstacle::memory;
  } else {
    error_ = sent.error();
  }
  return false;
}

void MessageSender::on_receipt(const ReceiptEvent& receipt) {
  // No event announces that memory was given back; a message that ended did.
  if (obstacle_ == Obstacle::memory) obstacle_ = Obstacle::none;
  if (!receipts_seen_.mark(receipt.tag - tag_base_)) {
    ++receipts_.repeated;
    return;
  }
  if (shared_under_way_ != nullptr) --*shared_under_way_;
  switch (receipt.outcome) {
    case Outcome::delivered:
      ++receipts_.delivered;
      break;
    case Outcome::lost:
      ++receipts_.lost;
      break;
    case Outcome::refused:
      ++receipts_.refused;
      break;
    case Outcome::connection_lost:
      ++receipts_.connection_lost;
      break;
  }
}

void MessageSender::on_answer(TimePoint now) {
  is_awaiting_answer_ = false;
  next_ping_ = std::max(next_ping_, now);
}

bool MessageSender::is_resolved() const {
  return start_ && is_exhausted() && receipts_.total() == sent_ && !is_awaiting_answer_;
}

}  // namespace hawser::cli
