#include "tools/hawser/flow.h"

#include <algorithm>
#include <utility>

#include "tools/hawser/message_content.h"

namespace hawser::cli {
namespace {

constexpr unsigned kIndexBits = 48;
constexpr std::uint64_t kAnswerTag = std::uint64_t{1} << 63;

std::uint64_t tag_base(std::uint64_t ordinal) { return ordinal << kIndexBits; }
std::uint64_t answer_key(std::uint64_t flow_key) { return ~flow_key; }

TrafficPlan plan_of(const FlowSpec& spec, std::uint32_t ordinal) {
  return {.mode = spec.mode,
          .flow_key = ordinal,
          .message_size = spec.size.size(),
          .interval = spec.interval,
          .burst = spec.burst,
          .count = spec.count,
          .channel = static_cast<ChannelId>(ordinal),
          .delivery = spec.delivery};
}

}  // namespace

Flow::Flow(const FlowSpec& spec, std::uint32_t ordinal)
    : spec_(spec),
      plan_(plan_of(spec, ordinal)),
      deliveries_({.flow_key = plan_.flow_key,
                   .message_size = plan_.message_size,
                   .delivery = plan_.delivery}),
      answers_({.flow_key = answer_key(plan_.flow_key),
                .message_size = spec.reply_size.value_or(spec.size).size(),
                .delivery = plan_.delivery}) {}

bool Flow::owns_receipt(std::uint64_t tag) const {
  return sender_ != nullptr && (tag & kAnswerTag) == 0 && tag >> kIndexBits == plan_.flow_key;
}

void Flow::start(TimePoint now, FlowEnd sender) {
  sender_ = std::make_unique<MessageSender>(plan_, tag_base(plan_.flow_key), sender.pool,
                                            std::move(sender.send));
  sender_->start(now);
  measured_from_ = std::max(measured_from_, now);
}

void Flow::on_receipt(TimePoint now, const ReceiptEvent& receipt) {
  last_receipt_ = now;
  sender_->on_receipt(receipt);
}

void Flow::on_message(TimePoint now, const MessageEvent& message, const FlowEnd& receiver) {
  const DeliveryCheck::Verdict verdict = deliveries_.check(message.bytes.bytes());
  if (!verdict.is_new) return;
  last_delivery_ = now;
  std::optional<TimePoint> due = verdict.due;
  if (!due && verdict.index && sender_) due = sender_->due_of(*verdict.index);
  if (due && *due >= measured_from_) latency_.add(now - *due);
  if (due && on_delivery_) on_delivery_(now, ByteCount::of(message.bytes.size()), now - *due);
  if (plan_.mode != TrafficMode::pingpong || !sender_) return;

  const std::size_t size = spec_.reply_size.value_or(spec_.size).size();
  Buffer answer = Buffer::allocate(receiver.pool, size);
  if (answer.is_null()) return;
  // It answers the latest: there is no other under way.
  fill_message(answer.writable(), answer_key(plan_.flow_key),
               {.index = sender_->sent() - 1, .due = now});
  // At most one answer is under way, which every send buffer takes; if the connection is closing,
  // the one who asks learns it by himself.
  (void)receiver.send(std::move(answer),
                      {.channel = plan_.channel, .delivery = plan_.delivery, .tag = kAnswerTag});
}

void Flow::on_answer(TimePoint now, const MessageEvent& answer) {
  const DeliveryCheck::Verdict verdict = answers_.check(answer.bytes.bytes());
  if (!verdict.is_new) return;
  const std::optional<TimePoint> due = sender_->due_of(sender_->sent() - 1);
  if (due && *due >= measured_from_) round_trip_.add(now - *due);
  sender_->on_answer(now);
}

void Flow::on_closed() {
  if (sender_) sender_->stop();
}

void Flow::on_crash() {
  if (sender_) sender_->die();
}

void Flow::start_averages(TimePoint now) {
  measured_from_ = std::max(measured_from_, now);
  bytes_before_ = deliveries_.counts(sender_ ? sender_->sent() : 0).bytes;
}

void Flow::report_to(FlowReport& report, TimePoint start, TimePoint end) const {
  report.mode = spec_.mode;
  report.delivery = spec_.delivery;
  if (!sender_) return;
  report.messages_sent = sender_->sent();
  report.refused_sends = sender_->refusals();
  report.receipts = sender_->receipts();
  report.send_error = sender_->error();
  report.deliveries = deliveries_.counts(sender_->sent());
  const DeliveryCounts answers = answers_.counts(sender_->sent());
  report.deliveries.duplicates += answers.duplicates;
  report.deliveries.out_of_order += answers.out_of_order;
  report.deliveries.corrupt += answers.corrupt;
  report.latency = latency_;
  if (spec_.mode == TrafficMode::pingpong) report.round_trip = round_trip_;

  const bool is_whole = report.deliveries.delivered == sender_->sent();
  const bool is_complete = sender_->is_resolved() && sender_->sent() == plan_.count &&
                           report.receipts.connection_lost == 0;
  const TimePoint completed = is_whole ? last_delivery_ : std::max(last_delivery_, last_receipt_);
  if (is_complete) report.completion = completed - start;
  report.goodput_mbps = to_mbps(report.deliveries.bytes - bytes_before_,
                                (is_complete ? completed : end) - measured_from_);
}

}  // namespace hawser::cli
