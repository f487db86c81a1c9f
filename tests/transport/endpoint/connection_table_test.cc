#include "transport/endpoint/connection_table.h"

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace hawser {
namespace {

class ConnectionTableTest : public ::testing::Test {
 protected:
  static constexpr ConnectionTable::Options kOptions{
      .connections_max = 1000, .id_size = 8, .shard = 7};

  MemoryPool pool_;
  SeededRandom random_{1};
  ConnectionTable table_{pool_, random_, kOptions};
};

TEST_F(ConnectionTableTest, FindsByHandleAndById) {
  const auto slot = table_.acquire();
  ASSERT_TRUE(slot);
  EXPECT_EQ(table_.find((*slot)->handle), *slot);
  EXPECT_EQ(table_.find((*slot)->local_id), *slot);
  EXPECT_EQ(table_.size(), 1U);
  table_.release(**slot);
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(ConnectionTableTest, IdsHoldSlotShardAndRandomRest) {
  const ConnectionId first = (*table_.acquire())->local_id;
  const ConnectionId second = (*table_.acquire())->local_id;
  ASSERT_EQ(first.size(), 8U);
  EXPECT_EQ(first.bytes()[2], 0);
  EXPECT_EQ(second.bytes()[2], 1);
  EXPECT_EQ(first.bytes()[3], 7);
  EXPECT_TRUE(table_.has_our_shard(second));
  EXPECT_FALSE(std::ranges::equal(first.bytes().subspan(4), second.bytes().subspan(4)));
}

TEST_F(ConnectionTableTest, AGuessOfTheRandomRestFindsNothing) {
  const auto slot = table_.acquire();
  const auto id = (*slot)->local_id.bytes();
  ASSERT_FALSE(id.empty());
  std::vector<std::uint8_t> bytes(id.begin(), id.end());
  bytes.back() ^= 1;
  EXPECT_EQ(table_.find(ConnectionId(bytes)), nullptr);
  bytes.back() ^= 1;
  EXPECT_EQ(table_.find(ConnectionId(bytes)), *slot);
  bytes[0] = 0xff;
  EXPECT_EQ(table_.find(ConnectionId(bytes)), nullptr);
  bytes[0] = 0;
  bytes.pop_back();
  EXPECT_EQ(table_.find(ConnectionId(bytes)), nullptr);
  EXPECT_EQ(table_.find(ConnectionId{}), nullptr);
}

TEST_F(ConnectionTableTest, AnotherShardIsNotOurs) {
  const std::array<std::uint8_t, 8> other{0, 0, 0, 6};
  EXPECT_FALSE(table_.has_our_shard(ConnectionId(other)));
  EXPECT_FALSE(table_.has_our_shard(ConnectionId{}));
}

TEST_F(ConnectionTableTest, HandlesOutliveTheirConnectionSafely) {
  EXPECT_EQ(table_.find(ConnectionHandle::none), nullptr);
  const auto keeper = table_.acquire();
  std::set<ConnectionHandle> seen{(*keeper)->handle};
  for (int i = 0; i < 1000; ++i) {
    const auto slot = table_.acquire();
    const ConnectionHandle handle = (*slot)->handle;
    EXPECT_TRUE(seen.insert(handle).second);
    table_.release(**slot);
    EXPECT_EQ(table_.find(handle), nullptr);
  }
  table_.release(**keeper);
  // Also where the table was empty in between.
  EXPECT_TRUE(seen.insert((*table_.acquire())->handle).second);
}

TEST_F(ConnectionTableTest, IsBoundedByConnectionsMax) {
  std::vector<ConnectionSlot*> slots;
  for (std::size_t i = 0; i < kOptions.connections_max; ++i) slots.push_back(*table_.acquire());
  EXPECT_TRUE(table_.is_full());
  const auto refused = table_.acquire();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), Errc::too_many_connections);
  table_.release(*slots[500]);
  EXPECT_TRUE(table_.acquire());
}

TEST_F(ConnectionTableTest, GivesItsMemoryBackWithTheLastConnection) {
  std::vector<ConnectionSlot*> slots;
  for (int i = 0; i < 100; ++i) slots.push_back(*table_.acquire());
  for (ConnectionSlot* slot : slots) table_.release(*slot);
  EXPECT_EQ(pool_.stats().in_use, ByteCount(0));
}

TEST_F(ConnectionTableTest, ATableThatDiesGivesItsMemoryBack) {
  {
    ConnectionTable table(pool_, random_, kOptions);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(table.acquire());
  }
  EXPECT_EQ(pool_.stats().in_use, ByteCount(0));
}

TEST_F(ConnectionTableTest, EveryRefusalOfThePoolLeavesItIntact) {
  for (std::int64_t budget = 32; budget < 8192; budget += 32) {
    MemoryPool pool{ByteCount(budget)};
    ConnectionTable table(pool, random_, kOptions);
    std::vector<ConnectionSlot*> slots;
    for (;;) {
      const auto slot = table.acquire();
      if (!slot) {
        EXPECT_EQ(slot.error(), Errc::not_enough_memory);
        break;
      }
      slots.push_back(*slot);
    }
    EXPECT_EQ(table.size(), slots.size());
    for (ConnectionSlot* slot : slots) EXPECT_EQ(table.find(slot->local_id), slot);
    for (ConnectionSlot* slot : slots) table.release(*slot);
    EXPECT_EQ(pool.stats().in_use, ByteCount(0));
  }
}

TEST_F(ConnectionTableTest, AgreesWithASetOverRandomOperations) {
  std::vector<ConnectionSlot*> live;
  std::vector<std::pair<ConnectionHandle, ConnectionId>> dead;
  for (int step = 0; step < 100'000; ++step) {
    if (live.empty() || (live.size() < kOptions.connections_max && random_.below(2) == 0)) {
      live.push_back(*table_.acquire());
    } else {
      const auto i = static_cast<std::size_t>(random_.below(live.size()));
      dead.emplace_back(live[i]->handle, live[i]->local_id);
      table_.release(*live[i]);
      live[i] = live.back();
      live.pop_back();
    }
    ASSERT_EQ(table_.size(), live.size());
    if (!live.empty()) {
      ConnectionSlot* slot = live[static_cast<std::size_t>(random_.below(live.size()))];
      ASSERT_EQ(table_.find(slot->handle), slot);
      ASSERT_EQ(table_.find(slot->local_id), slot);
    }
    if (!dead.empty()) {
      const auto& [handle, id] = dead[static_cast<std::size_t>(random_.below(dead.size()))];
      ASSERT_EQ(table_.find(handle), nullptr);
      ASSERT_EQ(table_.find(id), nullptr);
    }
  }
}

}  // namespace
}  // namespace hawser
