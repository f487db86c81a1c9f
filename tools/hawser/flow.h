#pragma once
/// One flow of test messages: its sender, and what its receiver found. Both ends in one process, in
/// virtual or real time.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "tools/hawser/delivery_check.h"
#include "tools/hawser/flow_options.h"
#include "tools/hawser/flow_report.h"
#include "tools/hawser/latency_stats.h"
#include "tools/hawser/traffic.h"

namespace hawser::cli {

/// How one end of a connection sends, whatever its endpoint is.
struct FlowEnd {
  MemoryPool& pool;
  MessageSender::Send send;
};

/// Owned by whoever drives its connection and tells it what happened at either end. Not
/// thread-safe.
class Flow {
 public:
  /// Told of each message when it first arrives; `latency` from the time when it was due.
  using DeliveryObserver = std::function<void(TimePoint now, ByteCount size, Duration latency)>;

  /// `ordinal`: its number within the connection, which is also its channel; below 2^15.
  Flow(const FlowSpec& spec, std::uint32_t ordinal);

  const FlowSpec& spec() const { return spec_; }
  void set_delivery_observer(DeliveryObserver observer) { on_delivery_ = std::move(observer); }
  bool owns_receipt(std::uint64_t tag) const;

  /// The sending side's connection stands.
  void start(TimePoint now, FlowEnd sender);
  bool is_started() const { return sender_ != nullptr; }
  void send_due(TimePoint now) {
    if (sender_) sender_->send_due(now);
  }
  TimePoint next_due() const { return sender_ ? sender_->next_due() : kNever; }
  void on_writable() {
    if (sender_) sender_->on_writable();
  }
  /// A receipt that this flow owns.
  void on_receipt(TimePoint now, const ReceiptEvent& receipt);
  /// A message of it arrived at the receiver, who answers if the mode asks so.
  void on_message(TimePoint now, const MessageEvent& message, const FlowEnd& receiver);
  /// An answer arrived at the sender.
  void on_answer(TimePoint now, const MessageEvent& answer);
  /// The sender's connection is over.
  void on_closed();
  /// The sender's process died.
  void on_crash();
  /// What was measured so far was warm-up.
  void start_averages(TimePoint now);

  /// Everything was sent and has its receipt (and its answer).
  bool is_resolved() const { return sender_ != nullptr && sender_->is_resolved(); }
  /// Fills in what the flow knows. `end`: of the run.
  void report_to(FlowReport& report, TimePoint start, TimePoint end) const;

 private:
  FlowSpec spec_;
  DeliveryObserver on_delivery_;
  TrafficPlan plan_;
  std::unique_ptr<MessageSender> sender_;
  DeliveryCheck deliveries_;
  DeliveryCheck answers_;
  LatencyStats latency_;
  LatencyStats round_trip_;
  TimePoint measured_from_{};  // the start of the flow, or the end of the warm-up
  TimePoint last_delivery_{};
  TimePoint last_receipt_{};
  ByteCount bytes_before_{0};  // delivered before `measured_from_`
};

}  // namespace hawser::cli
