#pragma once
/// What a flow sends: the plan, and the sender that follows it. Sans-I/O: the same for the
/// simulator, the demonstration and the measurements over real sockets. Not thread-safe.

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "hawser/buffer.h"
#include "hawser/event.h"
#include "hawser/result.h"
#include "hawser/time.h"
#include "tools/hawser/delivery_check.h"

namespace hawser::cli {

enum class TrafficMode : std::uint8_t {
  bulk,      ///< as much as is accepted
  messages,  ///< `burst` messages every `interval`, whether or not earlier ones have arrived
  pingpong   ///< the next message when the answer to the last one is there
};
const char* to_string(TrafficMode mode);

struct TrafficPlan {
  static constexpr std::uint64_t kUnbounded = UINT64_MAX;

  TrafficMode mode = TrafficMode::bulk;
  std::uint64_t flow_key = 0;  ///< see `fill_message`
  std::size_t message_size = 0;
  Duration interval{0};              ///< pingpong: the least time between two messages
  std::uint64_t burst = 1;           ///< messages only
  std::uint64_t count = kUnbounded;  ///< messages in all
  ChannelId channel{0};
  Delivery delivery = Delivery::ordered;
};

/// Ends of messages, by outcome.
struct ReceiptCounts {
  std::uint64_t delivered = 0;
  std::uint64_t lost = 0;
  std::uint64_t refused = 0;
  std::uint64_t connection_lost = 0;
  std::uint64_t repeated = 0;  ///< a second receipt for one message: a defect
  std::uint64_t total() const { return delivered + lost + refused + connection_lost; }
};

/// Sends the messages of one flow when they are due. A refused message waits here and goes first.
class MessageSender {
 public:
  /// The endpoint's `send`, whichever endpoint it is.
  using Send = std::function<Result<MessageId>(Buffer message, const SendOptions& options)>;

  /// `pool` must outlive the sender. The messages' tags are their indices plus `tag_base`.
  MessageSender(const TrafficPlan& plan, std::uint64_t tag_base, MemoryPool& pool, Send send);

  /// Counts this sender's messages under way into what others of the same endpoint count into, too:
  /// as long as anyone has some, lack of memory passes. Before `start`; it must outlive the sender.
  void share_endpoint(std::uint64_t& under_way) { shared_under_way_ = &under_way; }
  /// The connection stands: from now on messages are due.
  void start(TimePoint now);
  /// No further message becomes due.
  void stop();
  /// The process that sends is gone, and with it the receipts: what had none yet counts as lost
  /// with the connection.
  void die();
  /// Sends what is due and accepted.
  void send_due(TimePoint now);
  /// When `send_due` has something to do next; `kNever` while it waits for a receipt, an answer or
  /// room, or is done.
  TimePoint next_due() const;

  void on_writable() { obstacle_ = Obstacle::none; }
  /// Someone else's message on this endpoint has ended, and gave its memory back.
  void on_memory() {
    if (is_starved()) obstacle_ = Obstacle::none;
  }
  /// It waits for memory.
  bool is_starved() const { return obstacle_ == Obstacle::memory; }
  /// A receipt with one of this sender's tags.
  void on_receipt(const ReceiptEvent& receipt);
  /// pingpong: the answer is there.
  void on_answer(TimePoint now);

  /// When message `index` was due; nothing where it was not kept (bulk, all but the last ping).
  std::optional<TimePoint> due_of(std::uint64_t index) const;
  bool owns_tag(std::uint64_t tag) const { return tag >= tag_base_ && tag - tag_base_ < sent_; }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t refusals() const { return refusals_; }
  const ReceiptCounts& receipts() const { return receipts_; }
  /// Everything that the plan holds was sent, and each message has its receipt.
  bool is_resolved() const;
  /// The error that ended the sending, if one did (not one that waiting would cure).
  std::error_code error() const { return error_; }

 private:
  // What keeps the next message from being accepted, and so what to wait for.
  enum class Obstacle : std::uint8_t { none, full_buffer, memory };

  bool is_exhausted() const { return sent_ >= limit_ || error_; }
  std::uint64_t under_way() const {
    return shared_under_way_ != nullptr ? *shared_under_way_ : sent_ - receipts_.total();
  }
  TimePoint due_next() const;
  bool send_one(TimePoint due);

  TrafficPlan plan_;
  std::uint64_t tag_base_;
  MemoryPool* pool_;
  Send send_;
  std::optional<TimePoint> start_;
  std::uint64_t limit_;
  std::uint64_t sent_ = 0;
  std::uint64_t refusals_ = 0;
  std::uint64_t* shared_under_way_ = nullptr;
  TimePoint last_due_{};
  TimePoint next_ping_{};
  bool is_awaiting_answer_ = false;
  Obstacle obstacle_ = Obstacle::none;
  std::optional<TimePoint> refused_due_;  // a bulk message keeps the time of its first attempt
  std::error_code error_;
  ReceiptCounts receipts_;
  SeenIndices receipts_seen_;
};

}  // namespace hawser::cli
