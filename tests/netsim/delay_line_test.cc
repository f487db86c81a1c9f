#include "tools/netsim/delay_line.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "hawser/random.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

Datagram tagged(std::uint64_t tag) {
  Datagram datagram;
  datagram.tag = tag;
  return datagram;
}

TEST(DelayLineTest, TellsWhoOvertakes) {
  DelayLine line;
  EXPECT_EQ(line.next_arrival(), kNever);
  EXPECT_FALSE(line.insert(TimePoint(30ms), tagged(1)));
  EXPECT_FALSE(line.insert(TimePoint(30ms), tagged(2)));
  EXPECT_TRUE(line.insert(TimePoint(10ms), tagged(3)));
  EXPECT_TRUE(line.insert(TimePoint(20ms), tagged(4)));
  EXPECT_FALSE(line.insert(TimePoint(31ms), tagged(5)));
  EXPECT_EQ(line.next_arrival(), TimePoint(10ms));
  std::vector<std::uint64_t> order;
  while (!line.empty()) order.push_back(line.take_next().tag);
  EXPECT_EQ(order, (std::vector<std::uint64_t>{3, 4, 1, 2, 5}));
}

TEST(DelayLineTest, IsOrderedByArrivalThenInsertion) {
  SeededRandom random(42);
  DelayLine line;
  std::vector<std::pair<TimePoint, std::uint64_t>> inside;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    if (inside.empty() || random.below(100) < 55) {
      // Few distinct times, so that many collide.
      const TimePoint arrival(Duration(static_cast<std::int64_t>(i / 100 + random.below(20))));
      line.insert(arrival, tagged(i));
      inside.emplace_back(arrival, i);
    } else {
      const auto next = std::min_element(inside.begin(), inside.end());
      ASSERT_EQ(line.next_arrival(), next->first);
      ASSERT_EQ(line.take_next().tag, next->second);
      inside.erase(next);
    }
    ASSERT_EQ(line.empty(), inside.empty());
  }
}

}  // namespace
}  // namespace hawser::netsim
