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
    if (!inbox_) inbox_.emplace(ConnectionResources{&pool_, &random_}, events_, config_, arq_);
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
  /// The same of an unreliable message, which has no Sequence.
  wire::SegmentFrame part(std::uint64_t number, std::string_view whole, std::size_t offset,
                          std::size_t size) {
    wire::SegmentFrame frame = piece(number, whole, offset, size);
    --next_sequence_;
    frame.sequence.reset();
    frame.line = MessageLine::unreliable;
    return frame;
  }
  std::uint64_t evicted() {
    ConnectionStats stats;
    inbox().add_to(stats);
    return stats.unreliable_evicted;
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
  SeededRandom random_{1};
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

TEST_F(InboxTest, ThousandsOfWaitingMessagesAreHandedUpInOrder) {
  constexpr std::uint64_t kMessages = 20'000;
  std::vector<std::string> expected;
  for (std::uint64_t i = 0; i < kMessages; ++i) expected.push_back(std::to_string(i));
  // Odd numbers downwards, then even ones upwards; 0 last.
  for (std::uint64_t i = kMessages - 1; i < kMessages; i -= 2) {
    ASSERT_EQ(inbox().on_segment(segment(i, expected[i])), SegmentVerdict::taken);
  }
  for (std::uint64_t i = 2; i < kMessages; i += 2) {
    ASSERT_EQ(inbox().on_segment(segment(i, expected[i])), SegmentVerdict::taken);
  }
  EXPECT_TRUE(events_.empty());
  ASSERT_EQ(inbox().on_segment(segment(0, "0")), SegmentVerdict::taken);
  EXPECT_EQ(take_all(), expected);
}

TEST_F(InboxTest, ChannelsAreFoundWhateverTheOrderOfTheirFirstUse) {
  for (const int id : {200, 3, 77, 0, 255, 4}) {
    const std::string text = std::to_string(id);
    for (std::uint64_t number = 0; number < 2; ++number) {
      wire::SegmentFrame frame = segment(number, text);
      frame.channel = static_cast<ChannelId>(id);
      ASSERT_EQ(inbox().on_segment(frame), SegmentVerdict::taken);
    }
  }
  EXPECT_EQ(take_all(), (std::vector<std::string>{"200", "200", "3", "3", "77", "77", "0", "0",
                                                  "255", "255", "4", "4"}));
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

// One range costs 16 bytes however short it is: a message in pieces of one byte would cost eight
// times its size.
TEST_F(InboxTest, RefusesMorePiecesOfAMessageThanAnySplitNeeds) {
  const std::string text(1 << 20, 'x');
  for (std::size_t i = 0; i < Inbox::kRangesMax; ++i) {
    ASSERT_EQ(inbox().on_segment(piece(0, text, 2 * i, 1)), SegmentVerdict::taken) << i;
  }
  // To join two ranges makes one less.
  EXPECT_EQ(inbox().on_segment(piece(0, text, 1, 1)), SegmentVerdict::taken);
  const std::size_t behind = 2 * Inbox::kRangesMax;
  EXPECT_EQ(inbox().on_segment(piece(0, text, behind, 1)), SegmentVerdict::taken);
  EXPECT_EQ(inbox().on_segment(piece(0, text, behind + 2, 1)), SegmentVerdict::flow_control_error);
}

TEST_F(InboxTest, RefusesMorePiecesInAllThanRandomLossLeaves) {
  const std::size_t limit = config_.receive_window_segments / 3;
  ASSERT_GT(limit, Inbox::kRangesMax);
  const std::string text(1 << 20, 'x');
  for (std::size_t i = 0; i < limit; ++i) {
    ASSERT_EQ(inbox().on_segment(piece(i % 2, text, 2 * i, 1)), SegmentVerdict::taken) << i;
  }
  EXPECT_EQ(inbox().on_segment(piece(2, text, 0, 1)), SegmentVerdict::flow_control_error);
}

TEST_F(InboxTest, CompleteAndEvictedMessagesCountNoRanges) {
  config_.unreliable_reassembly = ByteCount(64 << 10);
  const std::string text(32 << 10, 'x');
  std::uint64_t number = 0;
  for (std::size_t ranges = 0; ranges < 3 * Inbox::kRangesMax; ++number) {
    for (std::size_t at = 0; at + 1 < text.size(); at += 16, ++ranges) {
      const bool is_evicted = number % 2 == 0;
      ASSERT_EQ(inbox().on_segment(is_evicted ? part(number, text, at, 1)
                                              : piece(number / 2, text, at, 1)),
                SegmentVerdict::taken);
    }
    if (number % 2 != 0) {
      ASSERT_EQ(inbox().on_segment(piece(number / 2, text, 0, text.size() - 1)),
                SegmentVerdict::taken);
      ASSERT_EQ(inbox().on_segment(piece(number / 2, text, 1, text.size() - 1)),
                SegmentVerdict::taken);
    }
  }
  EXPECT_EQ(take_all().size(), number / 2);
}

TEST_F(InboxTest, UnorderedNumbersTooFarAheadTakeNoMemory) {
  wire::SegmentFrame near = segment(Inbox::kSequencesMax - 1, "near");
  wire::SegmentFrame far = segment(Inbox::kSequencesMax, "far");
  wire::SegmentFrame farthest = segment((std::uint64_t{1} << 62) - 1, "farthest");
  near.line = far.line = farthest.line = MessageLine::unordered;
  inbox().on_segment(segment(0, "makes the channel"));
  const ByteCount before = pool_.stats().peak;
  EXPECT_EQ(inbox().on_segment(far), SegmentVerdict::flow_control_error);
  EXPECT_EQ(inbox().on_segment(farthest), SegmentVerdict::flow_control_error);
  EXPECT_EQ(pool_.stats().peak, before);
  EXPECT_EQ(inbox().on_segment(near), SegmentVerdict::taken);
  EXPECT_EQ(take_all().size(), 2U);
}

// Else 256 channels would cost 128 KiB each for a message of one byte.
TEST_F(InboxTest, UnorderedNumbersOfAllChannelsTogetherAreBounded) {
  const auto far = [&](std::uint16_t channel, std::uint64_t number) {
    wire::SegmentFrame frame = segment(number, "x");
    frame.channel = ChannelId{channel};
    frame.line = MessageLine::unordered;
    return frame;
  };
  for (std::uint16_t channel = 0; channel < 256; ++channel) {
    const std::uint64_t share = Inbox::kSequencesMax / 256;
    ASSERT_EQ(inbox().on_segment(far(channel, share - 1)), SegmentVerdict::taken) << channel;
  }
  EXPECT_EQ(inbox().on_segment(far(7, Inbox::kSequencesMax / 2)),
            SegmentVerdict::flow_control_error);
  EXPECT_EQ(take_all().size(), 256U);
  EXPECT_LE(pool_.stats().in_use, ByteCount(512 << 10));
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
  // A mere ACK may be lost, and nobody would repair it.
  inbox().on_credit_sent(inbox().credit(), false);
  EXPECT_TRUE(inbox().wants_credit_update());
  inbox().on_credit_sent(inbox().credit(), true);
  EXPECT_FALSE(inbox().wants_credit_update());
}

// Room for two of the largest messages or a megabyte at first, then four times what is taken in a
// round trip.
TEST_F(InboxTest, TheCreditFollowsWhatIsTaken) {
  config_.message_size_max = ByteCount(1000);
  config_.receive_window = ByteCount(3 << 20);
  const TimePoint start{std::chrono::seconds(1)};
  constexpr Duration kRoundTrip = std::chrono::milliseconds(10);
  EXPECT_EQ(inbox().credit().message_limit, ByteCount(1 << 20));
  EXPECT_FALSE(inbox().tune_credit(start, kRoundTrip));
  const std::string text(936, 'x');
  const auto take = [&](int count) {
    for (int i = 0; i < count; ++i) {
      inbox().on_segment(segment(next_sequence_, text));
      take_all();
    }
  };
  take(500);  // with what is counted for each message: 500,000 bytes
  EXPECT_TRUE(inbox().tune_credit(start + kRoundTrip, kRoundTrip));
  EXPECT_TRUE(inbox().wants_credit_update());
  EXPECT_EQ(inbox().credit().message_limit, ByteCount(500'000 + 4 * 500'000));
  inbox().on_credit_sent(inbox().credit(), true);
  take(1000);
  EXPECT_TRUE(inbox().tune_credit(start + 2 * kRoundTrip, kRoundTrip));
  EXPECT_EQ(inbox().credit().message_limit, ByteCount(1'500'000 + (3 << 20)));
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

// Its sender's window may be any: the datagram size may fall while much is under way.
TEST_F(InboxTest, ATextbookReceiverTakesSkipsAheadOfItsWindow) {
  arq_ = Arq::go_back_n;
  wire::SkipFrame skip;
  skip.count = 2;
  skip.ranges[0] = {Sequence(0), Sequence(4)};
  skip.ranges[1] = {Sequence(6), Sequence(Inbox::kSequencesMax - 1)};
  EXPECT_EQ(inbox().on_skip(skip), SegmentVerdict::taken);
  next_sequence_ = 5;
  EXPECT_EQ(inbox().on_segment(segment(0, "a")), SegmentVerdict::taken);
  EXPECT_FALSE(inbox().is_ahead(segment(1, "anew"))) << "6 was skipped";
  next_sequence_ = Inbox::kSequencesMax;
  EXPECT_EQ(inbox().on_segment(segment(1, "b")), SegmentVerdict::taken);
  skip.count = 1;
  skip.ranges[0].largest = Sequence(2 * Inbox::kSequencesMax + 1);
  EXPECT_EQ(inbox().on_skip(skip), SegmentVerdict::flow_control_error);
}

TEST_F(InboxTest, AWindowOfOneSegmentIsAnnouncedAsSuch) {
  config_.receive_window_segments = 1;
  EXPECT_EQ(inbox().credit().sequence_limit, Sequence(1));
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
  inbox().on_segment(part(0, text, 0, 200));
  inbox().on_segment(part(1, text, 0, 200));
  inbox().on_segment(part(2, text, 0, 200));    // makes the first one go
  inbox().on_segment(part(1, text, 200, 200));  // completes the second
  EXPECT_EQ(take_all().size(), 1U);
  EXPECT_EQ(evicted(), 1U);
}

TEST_F(InboxTest, GivesUpUnreliableMessagesThatNoPartComesForAnyMore) {
  const std::string text(400, 'x');
  inbox().on_segment(part(0, text, 0, 200));
  inbox().on_segment(part(1, text, 0, 200));
  inbox().give_up_silent();
  inbox().on_segment(part(1, text, 200, 200));
  inbox().give_up_silent();
  EXPECT_EQ(evicted(), 0U) << "each time a part had come";
  EXPECT_TRUE(inbox().has_incomplete_unreliable());
  inbox().give_up_silent();
  EXPECT_EQ(evicted(), 1U);
  EXPECT_FALSE(inbox().has_incomplete_unreliable());
  inbox().on_segment(part(0, text, 200, 200));  // too late
  EXPECT_EQ(take_all().size(), 1U);
}

TEST_F(InboxTest, FurtherPartsOfAnEvictedMessageNeitherCountNorEvictOthers) {
  config_.unreliable_reassembly = ByteCount(1000);
  const std::string text(400, 'x');
  for (std::uint64_t number = 0; number < 3; ++number) {
    inbox().on_segment(part(number, text, 0, 100));
  }
  EXPECT_EQ(inbox().on_segment(part(0, text, 100, 100)), SegmentVerdict::taken);
  EXPECT_EQ(inbox().on_segment(part(0, text, 200, 200)), SegmentVerdict::taken);
  EXPECT_EQ(evicted(), 1U);
  inbox().on_segment(part(1, text, 100, 300));
  inbox().on_segment(part(2, text, 100, 300));
  EXPECT_EQ(take_all().size(), 2U);
}

TEST_F(InboxTest, AnUnreliableMessageLargerThanAllTheRoomEvictsNothing) {
  config_.unreliable_reassembly = ByteCount(1000);
  const std::string small(400, 's');
  const std::string large(937, 'l');  // 937 + 64 > 1000
  inbox().on_segment(part(0, small, 0, 200));
  for (std::size_t at = 0; at < 900; at += 100) {
    EXPECT_EQ(inbox().on_segment(part(1, large, at, 100)), SegmentVerdict::taken);
  }
  EXPECT_EQ(evicted(), 1U);
  inbox().on_segment(part(0, small, 200, 200));
  EXPECT_EQ(take_all(), (std::vector<std::string>{small}));
}

TEST_F(InboxTest, UnreliableMessagesNotTakenAreBoundedToo) {
  config_.unreliable_reassembly = ByteCount(1000);
  for (std::uint64_t i = 0; i < 100; ++i) {
    inbox().on_segment(part(i, "0123456789", 0, 10));
  }
  EXPECT_EQ(take_all().size(), 1000U / 74U);
  EXPECT_EQ(evicted(), 100U - 1000U / 74U);
}

TEST_F(InboxTest, OnlySegmentsThatBeginAMessageWaitForMemory) {
  const std::string text = "0123456789";
  const ByteCount all = pool_.budget();
  const wire::SegmentFrame first = piece(0, text, 0, 5);
  EXPECT_FALSE(inbox().must_wait(first, ByteCount(0))) << "there is memory enough";
  inbox().on_segment(first);
  const wire::SegmentFrame second = piece(0, text, 5, 5);
  const wire::SegmentFrame third = piece(0, text, 2, 5);
  const wire::SegmentFrame next = segment(1, "x");
  void* block = pool_.allocate((all / 2).size() + 1);  // what it takes makes memory short
  EXPECT_FALSE(inbox().must_wait(first, all)) << "a duplicate";
  EXPECT_FALSE(inbox().must_wait(second, all));
  inbox().on_segment(second);
  EXPECT_FALSE(inbox().must_wait(third, all)) << "handed up";
  EXPECT_TRUE(inbox().must_wait(next, all));
  EXPECT_FALSE(inbox().must_wait(part(5, text, 0, 5), all)) << "unreliable";
  pool_.release(block, (all / 2).size() + 1);
}

class InboxMemoryTest : public InboxTest {
 protected:
  static constexpr std::int64_t kKilobyte = 1 << 10;
  ~InboxMemoryTest() override { use(0); }
  static ConnectionConfig small_messages() {
    ConnectionConfig config;
    config.message_size_max = ByteCount(256 * kKilobyte);
    return config;
  }
  /// So much of the pool is in use, by others and so far.
  void use(std::int64_t kilobytes) {
    if (taken_ != nullptr) small_pool_.release(taken_, size_);
    taken_ = nullptr;
    if (kilobytes == 0) return;
    size_ = (ByteCount(kilobytes * kKilobyte) - small_pool_.stats().in_use).size();
    taken_ = small_pool_.allocate(size_);
  }
  /// A message's first segment, of whose bytes it says only how many there are.
  wire::SegmentFrame beginning(std::uint64_t number, std::int64_t kilobytes,
                               MessageLine line = MessageLine::ordered) {
    wire::SegmentFrame frame = segment(number, "x");
    frame.line = line;
    frame.total = ByteCount(kilobytes * kKilobyte) - kMessageOverhead;  // a whole block
    return frame;
  }
  bool must_wait(const wire::SegmentFrame& frame) {
    return small_inbox_.must_wait(frame, ByteCount(0));
  }
  MemoryPool small_pool_{ByteCount(1024 * kKilobyte)};
  Inbox small_inbox_{{&small_pool_, &random_}, events_, small_messages(), arq_};
  void* taken_ = nullptr;
  std::size_t size_ = 0;
};

TEST_F(InboxMemoryTest, WhatWouldPassThreeQuartersWaits) {
  for (const MessageLine line : {MessageLine::ordered, MessageLine::unordered}) {
    use(640);
    EXPECT_FALSE(must_wait(beginning(0, 128, line)));
    EXPECT_TRUE(must_wait(beginning(0, 160, line)));
    use(512);
    EXPECT_FALSE(must_wait(beginning(0, 256, line)));
  }
}

// Which leaves room for the largest, 320 KiB with what the pool rounds up, and a sixteenth.
TEST_F(InboxMemoryTest, AnOrderedMessageBeforeItsTurnWaitsSooner) {
  use(256);
  EXPECT_FALSE(must_wait(beginning(1, 128)));
  EXPECT_TRUE(must_wait(beginning(1, 160)));
  EXPECT_FALSE(must_wait(beginning(0, 160))) << "its turn";
  EXPECT_FALSE(must_wait(beginning(1, 160, MessageLine::unordered)));
  small_inbox_.on_segment(beginning(0, 64));
  EXPECT_FALSE(must_wait(beginning(1, 160))) << "the other has begun";
  EXPECT_TRUE(must_wait(beginning(2, 160)));
}

TEST_F(InboxMemoryTest, TheLargestMessageFitsBesideWhatCameEarly) {
  std::uint64_t number = 1;
  while (!must_wait(beginning(number, 64))) small_inbox_.on_segment(beginning(number++, 64));
  EXPECT_GT(number, 4U);
  wire::SegmentFrame largest = beginning(0, 1);
  largest.total = ByteCount(256 * kKilobyte);
  const ByteCount three_quarters = small_pool_.budget() / 4 * 3;
  EXPECT_LE(small_pool_.stats().in_use + small_inbox_.memory_of(largest), three_quarters);
  EXPECT_FALSE(must_wait(largest));
}

TEST_F(InboxMemoryTest, WhatIsTakenBeforeCounts) {
  use(384);
  const wire::SegmentFrame frame = beginning(0, 256, MessageLine::unordered);
  EXPECT_FALSE(small_inbox_.must_wait(frame, ByteCount(128 * kKilobyte)));
  EXPECT_TRUE(small_inbox_.must_wait(frame, ByteCount(160 * kKilobyte)));
}

TEST_F(InboxTest, UnreliableMessagesAreGivenUpWhenMemoryIsShort) {
  MemoryPool pool(ByteCount(1 << 20));
  Inbox inbox({&pool, &random_}, events_, config_, arq_);
  const std::string text(2000, 'x');
  EXPECT_EQ(inbox.on_segment(part(0, text, 0, 1000)), SegmentVerdict::taken);
  void* block = pool.allocate(768 << 10);
  for (const std::size_t at : {0U, 1000U}) {
    EXPECT_EQ(inbox.on_segment(part(1, text, at, 1000)), SegmentVerdict::taken);
  }
  EXPECT_EQ(inbox.on_segment(part(0, text, 1000, 1000)), SegmentVerdict::taken);  // begun before
  ConnectionStats stats;
  inbox.add_to(stats);
  EXPECT_EQ(stats.unreliable_evicted, 1U);
  EXPECT_EQ(stats.messages_received, 1U);
  (void)inbox.take_message(*events_.pop());
  pool.release(block, 768 << 10);
}

TEST_F(InboxTest, SaysSoWhenThePoolRefuses) {
  MemoryPool tiny(ByteCount(0));
  Inbox inbox({&tiny, &random_}, events_, config_, arq_);
  EXPECT_EQ(inbox.on_segment(segment(0, "x")), SegmentVerdict::out_of_memory);
}

TEST_F(InboxTest, GivesAllMemoryBack) {
  {
    Inbox inbox({&pool_, &random_}, events_, config_, arq_);
    for (std::uint64_t i = 1; i < 50; ++i) inbox.on_segment(piece(i, "0123456789", 0, 5));
  }
  EXPECT_EQ(pool_.stats().in_use, ByteCount(0));
}

}  // namespace
}  // namespace hawser
