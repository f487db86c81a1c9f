// Reordering, damage, replay and clogging as a link does them: what units alone cannot show.

#include <algorithm>
#include <map>
#include <ostream>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hawser/netsim/link.h"
#include "tests/netsim/link_harness.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using Delivery = LinkHarness::Delivery;

constexpr TimePoint kStart = LinkHarness::kStart;

// ---- Reordering ---------------------------------------------------------------------------------

TEST(LinkReorderTest, ByDepthAChosenOneArrivesBehindSoManyLaterOnes) {
  LinkConfig config;
  config.delay = 30ms;
  config.reorder = {.probability = Probability::certain(), .gap = 4, .depth = 2};
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 8; ++i) link.offer(i * 1ms, i);
  link.take_all();
  // The last one is never overtaken and arrives 100 ms late.
  EXPECT_THAT(link.deliveries, ElementsAre(Delivery{0, 30ms}, Delivery{1, 31ms}, Delivery{2, 32ms},
                                           Delivery{4, 34ms}, Delivery{5, 35ms}, Delivery{3, 35ms},
                                           Delivery{6, 36ms}, Delivery{7, 137ms}));
  EXPECT_EQ(link.stats().reordered, 2U) << "4 and 5 overtook 3";
}

TEST(LinkReorderTest, ByDepthTheExtentIsTheDepth) {
  constexpr std::uint32_t kCount = 10'000;
  LinkConfig config;
  config.delay = 20ms;
  config.reorder = {.probability = Probability::percent(5), .depth = 3};
  LinkHarness link(config);
  link.offer_many(kCount, 1ms);
  const std::vector<std::uint32_t> numbers = link.numbers();
  ASSERT_EQ(numbers.size(), kCount);
  std::map<std::ptrdiff_t, int> late;  // by how many places
  std::vector<std::ptrdiff_t> place(kCount);
  for (std::size_t i = 0; i < kCount; ++i) place[numbers[i]] = static_cast<std::ptrdiff_t>(i);
  for (std::uint32_t number = 0; number + 10 < kCount; ++number) {
    // Those that left later and arrived earlier.
    const auto from = place.begin() + number;
    const auto overtaking = std::count_if(from + 1, std::min(from + 30, place.end()),
                                          [&](std::ptrdiff_t other) { return other < *from; });
    if (overtaking > 0) ++late[overtaking];
  }
  // Overtaken by exactly three, whichever of its followers were held themselves.
  EXPECT_EQ(late.size(), 1U);
  EXPECT_NEAR(late[3], 0.05 * kCount, 88);
}

TEST(LinkReorderTest, WhereAllAreChosenAllAreHeldAsLongAsAnyMayBe) {
  LinkConfig config;
  config.delay = 20ms;
  config.reorder = {.probability = Probability::certain(), .depth = 1};
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 3; ++i) link.offer(i * 1ms, i);
  link.take_all();
  EXPECT_THAT(link.deliveries,
              ElementsAre(Delivery{0, 120ms}, Delivery{1, 121ms}, Delivery{2, 122ms}));
  EXPECT_EQ(link.stats().reordered, 0U);
}

TEST(LinkReorderTest, ByTimeAChosenOneTakesSoMuchLonger) {
  LinkConfig config;
  config.delay = 30ms;
  config.reorder = {.probability = Probability::certain(), .gap = 3, .delay = 1500us};
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 6; ++i) link.offer(i * 1ms, i);
  link.take_all();
  EXPECT_THAT(link.deliveries,
              ElementsAre(Delivery{0, 30ms}, Delivery{1, 31ms}, Delivery{3, 33ms},
                          Delivery{2, 33500us}, Delivery{4, 34ms}, Delivery{5, 36500us}));
  EXPECT_EQ(link.stats().reordered, 1U);
}

// ---- Damage and replay --------------------------------------------------------------------------

TEST(LinkDamageTest, EachKindIsCountedByItself) {
  LinkConfig config;
  config.damage.truncate = Probability::percent(20);
  config.damage.extend = Probability::percent(30);
  LinkHarness link(config);
  link.keeps_datagrams = true;
  for (std::uint32_t i = 0; i < 10'000; ++i) link.offer(0ms, i, 1000);
  link.take_all();
  EXPECT_NEAR(static_cast<double>(link.stats().truncated), 2000, 160);
  EXPECT_NEAR(static_cast<double>(link.stats().extended), 3000, 184);
  EXPECT_EQ(link.stats().corrupted, 0U);
  EXPECT_EQ(link.stats().misdelivered, 0U);
  const auto longer = std::ranges::count_if(
      link.datagrams, [](const Datagram& datagram) { return datagram.bytes.size() > 1000; });
  EXPECT_NEAR(static_cast<double>(longer), 0.3 * 0.8 * 10'000, 300);
}

TEST(LinkDamageTest, AMisdeliveredDatagramKeepsItsBytesAndGoesAnothersWay) {
  LinkConfig config;
  config.damage.misdeliver = Probability::percent(50);
  LinkHarness link(config);
  link.keeps_datagrams = true;
  const auto offer = [&](std::uint32_t connection) {
    Datagram datagram = link.make(connection, 100);
    datagram.source.port = static_cast<std::uint16_t>(connection);
    link.link.offer(kStart, std::move(datagram));
  };
  for (int i = 0; i < 100; ++i) offer(1);
  EXPECT_EQ(link.stats().misdelivered, 0U) << "there is no other way to go";
  for (int i = 0; i < 1000; ++i) offer(i % 2 == 0 ? 2 : 1);
  link.take_all();
  std::uint64_t elsewhere = 0;
  for (const Datagram& datagram : link.datagrams) {
    ASSERT_EQ(datagram.source.port, datagram.tag);
    if (datagram.bytes.bytes()[0] != datagram.tag) ++elsewhere;
  }
  EXPECT_EQ(elsewhere, link.stats().misdelivered);
  EXPECT_NEAR(static_cast<double>(elsewhere), 500, 64);
}

TEST(LinkReplayTest, AnOldDatagramComesAgainUnchanged) {
  LinkConfig config;
  config.delay = 10ms;
  config.damage.corrupt = Probability::certain();
  config.replay = {.probability = Probability::certain(), .age_min = 1s};
  LinkHarness link(config);
  link.keeps_datagrams = true;
  link.offer(0ms, 1);
  link.offer(999ms, 2);
  link.offer(1s, 3);
  link.take_all();
  EXPECT_THAT(link.deliveries, ElementsAre(Delivery{1, 10ms}, Delivery{2, 1009ms},
                                           Delivery{3, 1010ms}, Delivery{1, 1010ms}));
  const Datagram original = link.make(1);
  EXPECT_TRUE(std::ranges::equal(link.datagrams[3].bytes.bytes(), original.bytes.bytes()));
  EXPECT_FALSE(std::ranges::equal(link.datagrams[0].bytes.bytes(), original.bytes.bytes()));
  EXPECT_EQ(link.stats().replayed, 1U);
}

TEST(LinkReplayTest, FollowsWhatIsLostButNothingInABlackoutOrBeyondTheMtu) {
  LinkConfig config;
  config.replay = {.probability = Probability::certain(), .age_min = 1s};
  config.blackouts = {{2s, 3s}};
  config.drop.of_all = {2};
  LinkHarness link(config);
  link.offer(0ms, 1);
  link.offer(1s, 2);
  link.offer(2s, 3);
  EXPECT_EQ(link.stats(3s).replayed, 1U);
  config.mtu = ByteCount(1000);
  link.link.apply(kStart + 4s, config);
  link.offer(4s, 4, 900);
  link.take_all();
  EXPECT_THAT(link.numbers(), ElementsAre(1, 1, 4));
}

// ---- Clogging -----------------------------------------------------------------------------------

TEST(LinkClogTest, WhatArrivesWithinItComesOutAtItsEndInItsOrder) {
  LinkConfig config;
  config.delay = 30ms;
  config.clogs = {{31ms, 40ms}};
  config.reorder = {.probability = Probability::certain(), .gap = 3, .delay = 1500us};
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 6; ++i) link.offer(i * 1ms, i);
  link.offer(10ms, 6);
  link.take_all();
  EXPECT_THAT(link.deliveries, ElementsAre(Delivery{0, 30ms}, Delivery{1, 40ms}, Delivery{3, 40ms},
                                           Delivery{2, 40ms}, Delivery{4, 40ms}, Delivery{5, 40ms},
                                           Delivery{6, 40ms}));
  EXPECT_LE(link.wakes, 3U) << "it does not wake for each of those that wait";
}

// ---- All together -------------------------------------------------------------------------------

// What a depth is in one of them is a time in the other.
struct Mixture {
  const char* name;
  Reordering reorder;
};
std::ostream& operator<<(std::ostream& out, const Mixture& mixture) { return out << mixture.name; }

class LinkMixtureTest : public ::testing::TestWithParam<Mixture> {
 protected:
  static LinkConfig config() {
    LinkConfig config;
    config.delay = 20ms;
    config.jitter = {.spread = 5ms, .distribution = JitterDistribution::paretonormal};
    config.reorder = GetParam().reorder;
    config.loss = Probability::percent(2);
    config.loss_state = FourStateLoss{.p13 = Probability::percent(1),
                                      .p31 = Probability::percent(40),
                                      .p14 = Probability::percent(1)};
    config.loss_burst_max = 3;
    config.duplicate = Probability::percent(3);
    config.damage = {.corrupt = Probability::percent(2),
                     .corrupt_burst = 40,
                     .truncate = Probability::percent(2),
                     .extend = Probability::percent(2),
                     .misdeliver = Probability::percent(2)};
    config.replay = {.probability = Probability::percent(3), .age_min = 100ms};
    config.rate = Bandwidth::bits_per_second(15'000'000);
    config.queue.time = 10ms;
    config.blackouts = {{100ms, 120ms}};
    config.clogs = {{200ms, 250ms}};
    config.random_clogs = {.mean_free = 60ms, .mean_clogged = 15ms};
    return config;
  }
  // Offers bursts of changing sizes.
  static void offer_traffic(LinkHarness& link) {
    for (std::uint32_t i = 0; i < 3000; ++i) {
      link.take_until((i / 10) * 3ms);
      link.offer((i / 10) * 3ms, i, 40 + (i * 131) % 1400);
    }
    link.take_all();
  }
};

TEST_P(LinkMixtureTest, NothingGoesMissingUncounted) {
  LinkHarness link(config());
  offer_traffic(link);
  const LinkStats stats = link.stats();
  EXPECT_EQ(stats.delivered, link.deliveries.size());
  for (const std::uint64_t count :
       {stats.dropped_loss, stats.dropped_queue, stats.dropped_blackout, stats.duplicated,
        stats.replayed, stats.corrupted, stats.truncated, stats.extended, stats.misdelivered,
        stats.reordered}) {
    EXPECT_GT(count, 0U);
  }
  EXPECT_EQ(stats.packets + stats.duplicated + stats.replayed,
            stats.delivered + stats.dropped_loss + stats.dropped_queue + stats.dropped_blackout);
}

TEST_P(LinkMixtureTest, AskingMoreOftenChangesNothing) {
  LinkHarness by_need(config());
  offer_traffic(by_need);
  LinkHarness by_grid(config());
  std::uint32_t next = 0;
  for (Duration at{0}; at < 2s; at += 50us) {
    while (auto datagram = by_grid.link.poll(kStart + at)) {
      by_grid.deliveries.push_back({LinkHarness::number_of(*datagram), at});
    }
    for (; next < 3000 && (next / 10) * 3ms == at; ++next) {
      by_grid.offer(at, next, 40 + (next * 131) % 1400);
    }
  }
  std::vector<Delivery> rounded;
  for (const Delivery& delivery : by_need.deliveries) {
    rounded.push_back({delivery.number, (delivery.at + 50us - 1ns) / 50us * 50us});
  }
  EXPECT_EQ(by_grid.deliveries, rounded);
}

TEST_P(LinkMixtureTest, NextTimeoutIsNeverLate) {
  LinkHarness link(config());
  for (std::uint32_t i = 0; i < 1000; ++i) {
    link.offer(i * 300us, i, 500);
    const TimePoint promised = link.link.next_timeout();
    EXPECT_FALSE(promised > kStart && link.link.poll(promised - 1ns).has_value());
    if (promised <= kStart + i * 300us + 300us) link.take_until(i * 300us + 300us);
  }
}

TEST_P(LinkMixtureTest, TheSameSeedRepeatsTheRun) {
  LinkHarness first(config(), 1);
  LinkHarness second(config(), 1);
  LinkHarness other(config(), 2);
  for (LinkHarness* link : {&first, &second, &other}) offer_traffic(*link);
  EXPECT_EQ(first.deliveries, second.deliveries);
  EXPECT_NE(first.deliveries, other.deliveries);
}

constexpr Mixture kMixtures[] = {{"ByDepth", {.probability = Probability::percent(5), .depth = 4}},
                                 {"ByTime", {.probability = Probability::percent(5), .delay = 8ms}},
                                 {"Early", {.probability = Probability::percent(5)}}};
INSTANTIATE_TEST_SUITE_P(Reordering, LinkMixtureTest, ::testing::ValuesIn(kMixtures),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace hawser::netsim
