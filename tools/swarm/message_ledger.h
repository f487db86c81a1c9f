#pragma once
/// Holds one direction of one connection to what its messages were promised: who may arrive, how
/// often, in which order, and what their receipts may say. Knows messages by their number within
/// the scenario, which stands in their bytes. Not thread-safe.

#include <cstdint>
#include <map>
#include <vector>

#include "hawser/event.h"
#include "tools/swarm/scenario.h"
#include "tools/swarm/violation.h"

namespace hawser::swarm {

class MessageLedger {
 public:
  /// `key` tells this direction's bytes from all others'. `messages` (the scenario's) must outlive
  /// the ledger.
  MessageLedger(std::uint64_t key, const std::vector<MessagePlan>& messages)
      : key_(key), messages_(&messages) {}

  /// Fills a message's bytes.
  void fill(std::span<std::uint8_t> bytes, std::size_t number) const;
  /// `send` took message `number`; its tag is the number.
  void on_accepted(std::size_t number, MessageId id);
  Finding on_receipt(const ReceiptEvent& receipt);
  Finding on_delivered(const MessageEvent& message);
  /// A new connection took the place of one that ended: what that one left open waits for nothing.
  void on_new_connection() { first_of_connection_ = records_.size(); }
  /// The sender has seen its `ClosedEvent`: nothing may be open any more.
  Finding on_sender_closed() const;
  /// At the end of the run. `receiver_survived`: its process lived as long as the connection, so
  /// whatever its transport had was handed to its application. `counts_unreliable`: it gave up no
  /// unreliable message for want of room, so the same holds for these.
  Finding on_end(bool receiver_survived, bool counts_unreliable) const;

  /// Accepted messages without a receipt.
  std::size_t open() const { return open_; }
  std::uint64_t accepted() const { return records_.size(); }
  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t lost_with_connection() const { return lost_with_connection_; }
  /// Charge of the reliable messages that arrived (ARCHITECTURE.md, Decisions).
  ByteCount charge_taken() const { return charge_taken_; }

 private:
  struct Record {
    std::size_t number;  // within the scenario
    MessageId id;
    bool is_delivered = false;
    bool is_overtaken = false;  // in its order: then it must turn out to be refused
    std::optional<Outcome> outcome{};
  };
  const MessagePlan& plan(const Record& record) const { return (*messages_)[record.number]; }
  std::size_t find(const MessageEvent& message) const;
  bool could_be(const Record& record, const MessageEvent& message) const;
  Finding check_order(std::size_t position);
  bool has_stand_in(const Record& record) const;

  static constexpr std::size_t kNone = SIZE_MAX;
  std::uint64_t key_;
  const std::vector<MessagePlan>* messages_;
  std::vector<Record> records_;                    // in the order of acceptance
  std::map<std::size_t, std::size_t> by_number_;   // position in records_
  std::map<ChannelId, std::size_t> next_ordered_;  // position from which a channel's next is sought
  std::size_t first_of_connection_ = 0;            // position; those before end without order
  std::size_t open_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t lost_with_connection_ = 0;
  ByteCount charge_taken_{0};
};

}  // namespace hawser::swarm
