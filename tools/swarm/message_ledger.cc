#include "tools/swarm/message_ledger.h"

#include <algorithm>

#include <fmt/format.h>

#include "tools/hawser/message_content.h"

namespace hawser::swarm {
namespace {

std::string describe(std::size_t number, const MessagePlan& plan) {
  return fmt::format("message {} ({}, channel {}, {} bytes, from the {} of connection {})", number,
                     to_string(plan.delivery), static_cast<unsigned>(plan.channel),
                     plan.size.value(), to_string(plan.from), plan.connection);
}

// Smaller messages than this carry no number that is their own.
constexpr std::size_t kNumberedSizeMin = 2;

/// Charged on top of a message's bytes.
constexpr ByteCount kOverhead{64};

}  // namespace

void MessageLedger::fill(std::span<std::uint8_t> bytes, std::size_t number) const {
  cli::fill_message(bytes, key_, {.index = number, .due = TimePoint((*messages_)[number].at)});
}

void MessageLedger::on_accepted(std::size_t number, MessageId id) {
  by_number_[number] = records_.size();
  records_.push_back({.number = number, .id = id});
  ++open_;
}

Finding MessageLedger::on_receipt(const ReceiptEvent& receipt) {
  const auto found = by_number_.find(receipt.tag);
  if (found == by_number_.end()) {
    return Violation{Invariant::receipt,
                     fmt::format("a receipt with tag {}, which no message has", receipt.tag)};
  }
  Record& record = records_[found->second];
  const std::string name = describe(record.number, plan(record));
  if (record.id != receipt.message) {
    return Violation{Invariant::receipt, name + " has the receipt of another one"};
  }
  if (record.outcome) return Violation{Invariant::receipt, name + " has a second receipt"};
  record.outcome = receipt.outcome;
  --open_;
  if (receipt.outcome == Outcome::connection_lost) ++lost_with_connection_;
  if (record.is_overtaken && receipt.outcome != Outcome::refused) {
    return Violation{Invariant::order, name + " was overtaken, and not because it was refused"};
  }
  if (receipt.outcome == Outcome::lost && plan(record).delivery != Delivery::unreliable) {
    return Violation{Invariant::receipt, name + " is reliable and reported lost"};
  }
  if (receipt.outcome == Outcome::refused && record.is_delivered) {
    return Violation{Invariant::receipt, name + " arrived and is reported refused"};
  }
  return std::nullopt;
}

bool MessageLedger::could_be(const Record& record, const MessageEvent& message) const {
  const MessagePlan& sent = plan(record);
  return sent.channel == message.channel && sent.delivery == message.delivery &&
         sent.size == ByteCount::of(message.bytes.size());
}

// Which message these bytes are. Equal ones too small to say are told apart by their order.
std::size_t MessageLedger::find(const MessageEvent& message) const {
  const std::span<const std::uint8_t> bytes = message.bytes.bytes();
  const auto stamp = cli::read_message(bytes, key_);
  if (!stamp) return kNone;
  if (bytes.size() >= kNumberedSizeMin) {
    const auto found = by_number_.find(stamp->index_low);
    if (found == by_number_.end() || !could_be(records_[found->second], message)) return kNone;
    const auto due = stamp->due.value_or(TimePoint(plan(records_[found->second]).at));
    return due == TimePoint(plan(records_[found->second]).at) ? found->second : kNone;
  }
  std::size_t last = kNone;  // if all of its like were delivered, this is one of them again
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const bool is_alike = could_be(records_[i], message) &&
                          (bytes.empty() || (records_[i].number & 0xFF) == stamp->index_low);
    if (!is_alike) continue;
    last = i;
    if (!records_[i].is_delivered) break;
  }
  return last;
}

Finding MessageLedger::on_delivered(const MessageEvent& message) {
  const std::size_t position = find(message);
  if (position == kNone) {
    return Violation{
        Invariant::genuine,
        fmt::format("{} bytes on channel {} ({}) that were never sent there", message.bytes.size(),
                    static_cast<unsigned>(message.channel), to_string(message.delivery))};
  }
  Record& record = records_[position];
  const std::string name = describe(record.number, plan(record));
  if (record.is_delivered) return Violation{Invariant::once, name + " is delivered again"};
  if (record.is_overtaken) {
    return Violation{Invariant::order, name + " comes after one that was sent later"};
  }
  record.is_delivered = true;
  ++delivered_;
  if (message.delivery != Delivery::unreliable) charge_taken_ += plan(record).size + kOverhead;
  if (record.outcome == Outcome::refused) {
    return Violation{Invariant::receipt, name + " arrived and was reported refused"};
  }
  return plan(record).delivery == Delivery::ordered ? check_order(position) : std::nullopt;
}

// All before it in its channel must have come before, but for those that never left: of these the
// sender may hear later.
Finding MessageLedger::check_order(std::size_t position) {
  const MessagePlan& sent = plan(records_[position]);
  std::size_t& next = next_ordered_[sent.channel];
  next = std::max(next, first_of_connection_);
  for (; next < position; ++next) {
    Record& earlier = records_[next];
    const bool is_in_line = plan(earlier).delivery == Delivery::ordered &&
                            plan(earlier).channel == sent.channel && !earlier.is_delivered;
    if (!is_in_line || earlier.outcome == Outcome::refused) continue;
    earlier.is_overtaken = true;
    if (!earlier.outcome) continue;
    return Violation{Invariant::order, describe(records_[position].number, sent) +
                                           " overtook message " + std::to_string(earlier.number)};
  }
  return std::nullopt;
}

Finding MessageLedger::on_sender_closed() const {
  if (open_ == 0) return std::nullopt;
  const auto open =
      std::ranges::find_if(records_, [](const Record& each) { return !each.outcome; });
  return Violation{Invariant::receipt,
                   describe(open->number, plan(*open)) + " has no receipt, and never will"};
}

// Whether one that cannot be told from it arrived without having to: they may have changed names.
bool MessageLedger::has_stand_in(const Record& record) const {
  const MessagePlan& sent = plan(record);
  if (sent.size.size() >= kNumberedSizeMin) return false;
  return std::ranges::any_of(records_, [&](const Record& other) {
    const MessagePlan& alike = plan(other);
    const bool is_alike = alike.channel == sent.channel && alike.delivery == sent.delivery &&
                          alike.size == sent.size &&
                          (sent.size == ByteCount(0) || (other.number ^ record.number) % 256 == 0);
    return is_alike && other.is_delivered && other.outcome != Outcome::delivered;
  });
}

Finding MessageLedger::on_end(bool receiver_survived, bool counts_unreliable) const {
  if (!receiver_survived) return std::nullopt;
  std::map<ChannelId, bool> is_broken;  // an earlier one of the channel may be missing for good
  for (const Record& record : records_) {
    const MessagePlan& sent = plan(record);
    const bool is_promised = record.outcome == Outcome::delivered;
    bool must_be_there = is_promised;
    if (sent.delivery == Delivery::ordered) {
      bool& broken = is_broken[sent.channel];
      if (!is_promised && record.outcome != Outcome::refused) broken = true;
      must_be_there = is_promised && !broken;
    } else if (sent.delivery == Delivery::unreliable) {
      must_be_there = is_promised && counts_unreliable;
    }
    if (must_be_there && !record.is_delivered && !has_stand_in(record)) {
      return Violation{Invariant::receipt,
                       describe(record.number, sent) + " is reported delivered and never arrived"};
    }
  }
  return std::nullopt;
}

}  // namespace hawser::swarm
