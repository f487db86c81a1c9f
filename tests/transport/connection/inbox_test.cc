#include "transport/connection/inbox.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "transport/connection/outbound_message.h"
#include "transport/wire/checksum.h"

namespace hawser {
namespace {

using wire::MessageLine;

class InboxTest : public ::testing::Test {
 protected:
  ~InboxTest() override {
    while (EventNode* node = events_.pop()) (void)inbox().take_message(*node);
  }
  Inbox& inbox() {
    if (!inbox_) inbox_.emplace(pool_, events_, config_, arq_);
    return *inbox_;
  }
  /// A segment with the next Sequence, or the one given.
  wire::SegmentFrame segment(std::uint64_t number, std::string_view text) {
    return {.sequence = Sequence(next_sequence_++),
            .line = MessageLine::ordered,
            .channel = ChannelId{0},
            .message_number = number,
            .offset = ByteCount(0),
            .total = ByteCount::of(text.size()),
            .message_checksum = {},
            .bytes = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}};
  }
  wire::SegmentFrame piece(std::uint64_t number, std::string_view whole, std::size_t offset,
                           std::size_t size) {
    wire::SegmentFrame frame = segment(number, whole.substr(offset, size));
    frame.offset = ByteCount::of(offset);
    frame.total = ByteCount::of(whole.size());
    return frame;
  }
  std::vector<std::string> take_all() {
    std::vector<std::string> texts;
    while (EventNode* node = events_.pop()) {
      const MessageEvent event = inbox().take_message(*node);
      texts.emplace_back(event.bytes.bytes().begin(), event.bytes.bytes().end());
    }
    return texts;
  }
  MemoryPool pool_;
  EventQueue events_;
  ConnectionConfig config_;
  Arq arq_ = Arq::selective_repeat;
  std::optional<Inbox> inbox_;
  std::uint64_t next_sequence_ = 0;
};

TEST_F(InboxTest, HandsUpOrderedMessagesInTheirOrder) {
  EXPECT_EQ(inbox().on_segment(segment(2, "c")), SegmentVerdict::taken);
  EXPECT_EQ(inbox().on_segment(segment(1, "b")), SegmentVerdict::taken);
  EXPECT_TRUE(take_all().empty());
  EXPECT_EQ(inbox().on_segment(segment(0, "a")), SegmentVerdict::taken);
  EXPECT_EQ(take_all(), (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(InboxTest, HandsUpUnorderedMessagesAtOnce) {
  wire::SegmentFrame late = segment(7, "late");
  late.line = MessageLine::unordered;
  inbox().on_segment(late);
  EXPECT_EQ(take_all(), (std::vector<std::string>{"late"}));
}

TEST_F(InboxTest, ChannelsDoNotBlockOneAnother) {
  inbox().on_segment(segment(1, "waits"));
  wire::SegmentFrame other = segment(0, "passes");
  other.channel = ChannelId{5};
  inbox().on_segment(other);
  EXPECT_EQ(take_all(), (std::vector<std::string>{"passes"}));
}

TEST_F(InboxTest, AssemblesPiecesInAnyOrderAndAnySplit) {
  const std::string text = "0123456789abcdef";
  inbox().on_segment(piece(0, text, 10, 6));
  inbox().on_segment(piece(0, text, 0, 4));
  inbox().on_segment(piece(0, text, 2, 9));  // overlaps both
  EXPECT_EQ(take_all(), (std::vector<std::string>{text}));
}

TEST_F(InboxTest, TakesEachSequenceOnce) {
  const wire::SegmentFrame frame = segment(0, "once");
  EXPECT_EQ(inbox().on_segment(frame), SegmentVerdict::taken);
  EXPECT_EQ(inbox().on_segment(frame), SegmentVerdict::duplicate);
  EXPECT_EQ(take_all().size(), 1U);
}

// A segment cut anew after the datagram size fell: its old copy may still arrive.
TEST_F(InboxTest, AMessageHandedUpIsNotHandedUpAgainUnderOtherSequences) {
  for (const MessageLine line : {MessageLine::ordered, MessageLine::unordered}) {
    wire::SegmentFrame first = segment(0, "once");
    wire::SegmentFrame again = segment(0, "once");
    first.line = again.line = line;
    EXPECT_EQ(inbox().on_segment(first), SegmentVerdict::taken);
    EXPECT_EQ(inbox().on_segment(again), SegmentVerdict::duplicate);
    EXPECT_EQ(take_all().size(), 1U);
  }
}

TEST_F(InboxTest, TakesEmptyMessages) {
  inbox().on_segment(segment(0, ""));
  EXPECT_EQ(take_all(), (std::vector<std::string>{""}));
}

TEST_F(InboxTest, ADamagedMessageIsAnIntegrityError) {
  const std::string text = "0123456789";
  inbox().on_segment(piece(0, text, 0, 5));
  wire::SegmentFrame last = piece(0, text, 5, 5);
  last.message_checksum = 1;
  EXPECT_EQ(inbox().on_segment(last), SegmentVerdict::integrity_error);
}

TEST_F(InboxTest, ARightChecksumIsAccepted) {
  const std::string text = "0123456789";
  inbox().on_segment(piece(0, text, 0, 5));
  wire::SegmentFrame last = piece(0, text, 5, 5);
  last.message_checksum = wire::crc32c({reinterpret_cast<const std::uint8_t*>(text.data()), 10});
  EXPECT_EQ(inbox().on_segment(last), SegmentVerdict::taken);
  EXPECT_EQ(take_all().size(), 1U);
}

TEST_F(InboxTest, TwoTotalsForOneMessageAreAProtocolError) {
  inbox().on_segment(piece(0, "0123456789", 0, 5));
  EXPECT_EQ(inbox().on_segment(piece(0, "0123456789ab", 5, 5)), SegmentVerdict::protocol_error);
}

TEST_F(InboxTest, RefusesWhatGoesBeyondTheLimitsThatThePeerWasTold) {
  config_.channels_max = 4;
  config_.message_size_max = ByteCount(100);
  wire::SegmentFrame channel = segment(0, "x");
  channel.channel = ChannelId{4};
  EXPECT_EQ(inbox().on_segment(channel), SegmentVerdict::flow_control_error);
  EXPECT_EQ(inbox().on_segment(segment(0, std::string(101, 'x'))),
            SegmentVerdict::flow_control_error);
}

TEST_F(InboxTest, ReservesNoMoreThanTheCreditAllows) {
  config_.receive_window = ByteCount(1000);
  const std::string text(300, 'x');
  EXPECT_EQ(inbox().on_segment(piece(0, text, 0, 1)), SegmentVerdict::taken);
  EXPECT_EQ(inbox().on_segment(piece(1, text, 0, 1)), SegmentVerdict::taken);
  // 2 x (300 + 64) are begun; a third does not fit 1000.
  EXPECT_EQ(inbox().on_segment(piece(2, text, 0, 1)), SegmentVerdict::flow_control_error);
}

TEST_F(InboxTest, TakingAMessageGivesItsCreditBack) {
  config_.receive_window = ByteCount(1000);
  const std::string text(300, 'x');
  const wire::Credit before = inbox().credit();
  inbox().on_segment(segment(0, text));
  EXPECT_EQ(inbox().credit().message_limit, before.message_limit);
  EXPECT_FALSE(inbox().wants_credit_update());
  EXPECT_EQ(take_all().size(), 1U);
  EXPECT_EQ(inbox().credit().message_limit, before.message_limit + ByteCount(364));
  EXPECT_TRUE(inbox().wants_credit_update());
  inbox().on_credit_sent(inbox().credit());
  EXPECT_FALSE(inbox().wants_credit_update());
}

// The largest message may need all of the window: credit must not stay below a threshold for ever.
TEST_F(InboxTest, AnEmptyInboxAnnouncesAllItsRoom) {
  config_.receive_window = ByteCount(1000);
  inbox().on_segment(segment(0, "small"));
  take_all();
  EXPECT_TRUE(inbox().wants_credit_update());
}

TEST_F(InboxTest, SkippedSequencesCountAsReceived) {
  wire::SkipFrame skip;
  skip.count = 1;
  skip.ranges[0] = {Sequence(0), Sequence(2)};
  const Sequence limit = inbox().credit().sequence_limit;
  EXPECT_EQ(inbox().on_skip(skip), SegmentVerdict::taken);
  EXPECT_EQ(inbox().credit().sequence_limit, limit + 3);
  EXPECT_EQ(inbox().on_segment(segment(0, "void")), SegmentVerdict::duplicate);
}

TEST_F(InboxTest, ATextbookReceiverTakesTheNextSegmentOnly) {
  arq_ = Arq::go_back_n;
  const wire::SegmentFrame first = segment(0, "a");
  const wire::SegmentFrame second = segment(1, "b");
  EXPECT_TRUE(inbox().is_ahead(second));
  EXPECT_FALSE(inbox().is_ahead(first));
  inbox().on_segment(first);
  EXPECT_FALSE(inbox().is_ahead(second));
}

TEST_F(InboxTest, GivesUpTheOldestIncompleteUnreliableMessageForRoom) {
  config_.unreliable_reassembly = ByteCount(1000);
  const std::string text(400, 'x');
  const auto part = [&](std::uint64_t number, std::size_t offset, std::size_t size) {
    wire::SegmentFrame frame = piece(number, text, offset, size);
    frame.sequence.reset();
    frame.line = MessageLine::unreliable;
    return frame;
  };
  inbox().on_segment(part(0, 0, 200));
  inbox().on_segment(part(1, 0, 200));
  inbox().on_segment(part(2, 0, 200));    // makes the first one go
  inbox().on_segment(part(1, 200, 200));  // completes the second
  EXPECT_EQ(take_all().size(), 1U);
  ConnectionStats stats;
  inbox().add_to(stats);
  EXPECT_EQ(stats.unreliable_evicted, 1U);
}

TEST_F(InboxTest, UnreliableMessagesNotTakenAreBoundedToo) {
  config_.unreliable_reassembly = ByteCount(1000);
  for (std::uint64_t i = 0; i < 100; ++i) {
    wire::SegmentFrame frame = segment(i, "0123456789");
    frame.sequence.reset();
    frame.line = MessageLine::unreliable;
    inbox().on_segment(frame);
  }
  EXPECT_EQ(take_all().size(), 1000U / 74U);
}

TEST_F(InboxTest, SaysSoWhenThePoolRefuses) {
  MemoryPool tiny(ByteCount(0));
  Inbox inbox(tiny, events_, config_, arq_);
  EXPECT_EQ(inbox.on_segment(segment(0, "x")), SegmentVerdict::out_of_memory);
}

TEST_F(InboxTest, GivesAllMemoryBack) {
  {
    Inbox inbox(pool_, events_, config_, arq_);
    for (std::uint64_t i = 1; i < 50; ++i) inbox.on_segment(piece(i, "0123456789", 0, 5));
  }
  EXPECT_EQ(pool_.stats().in_use, ByteCount(0));
}

}  // namespace
}  // namespace hawser
