#include "hawser/netsim/link.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/netsim/link_harness.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using Delivery = LinkHarness::Delivery;

constexpr TimePoint kStart = LinkHarness::kStart;
constexpr Bandwidth kTenMbit = Bandwidth::bits_per_second(10'000'000);  // 960 us per datagram

LinkConfig with_delay(Duration delay) {
  LinkConfig config;
  config.delay = delay;
  return config;
}

TEST(LinkTest, IsAPerfectWireByDefault) {
  LinkHarness wire{LinkConfig{}};
  EXPECT_EQ(wire.link.next_timeout(), kNever);
  wire.offer(3ms, 1);
  wire.offer(3ms, 2);
  EXPECT_EQ(wire.link.next_timeout(), kStart + 3ms);
  wire.take_all();
  EXPECT_THAT(wire.deliveries, ElementsAre(Delivery{1, 3ms}, Delivery{2, 3ms}));
  EXPECT_EQ(wire.stats().packets, 2U);
  EXPECT_EQ(wire.stats().bytes, ByteCount(2400));
  EXPECT_EQ(wire.stats().delivered, 2U);
  EXPECT_EQ(wire.stats().payload_ceiling, Bandwidth::zero());
}

TEST(LinkTest, HandsDatagramsOverUnchanged) {
  LinkHarness wire(with_delay(1ms));
  wire.keeps_datagrams = true;
  Datagram datagram = wire.make(5, 300, Ecn::ect1);
  datagram.tag = (std::uint64_t{1} << 63) + 77;
  datagram.source.port = 1000;
  datagram.destination.port = 2000;
  const std::vector<std::uint8_t> bytes(datagram.bytes.bytes().begin(),
                                        datagram.bytes.bytes().end());
  wire.link.offer(kStart, std::move(datagram));
  wire.take_all();
  const Datagram& arrived = wire.datagrams.at(0);
  EXPECT_EQ(arrived.tag, (std::uint64_t{1} << 63) + 77);
  EXPECT_EQ(arrived.source.port, 1000);
  EXPECT_EQ(arrived.destination.port, 2000);
  EXPECT_EQ(arrived.ecn, Ecn::ect1);
  EXPECT_TRUE(std::ranges::equal(arrived.bytes.bytes(), bytes));
}

TEST(LinkTest, ARateSerialisesBeforeTheDelay) {
  LinkConfig config = with_delay(30ms);
  config.rate = kTenMbit;
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 1000; ++i) link.offer(0ms, i);
  link.take_all();
  ASSERT_EQ(link.deliveries.size(), 1000U);
  EXPECT_EQ(link.deliveries.front(), (Delivery{0, 30ms + 960us}));
  EXPECT_EQ(link.deliveries.back(), (Delivery{999, 30ms + 960ms}));
  EXPECT_EQ(link.wakes, 1000U) << "one wake-up per delivery";
  EXPECT_EQ(link.stats().queue_max, 999 * 960us);
  EXPECT_EQ(link.stats().queue_mean, 999 * 960us / 2);
  EXPECT_DOUBLE_EQ(link.stats(960ms).utilisation, 1.0);
  EXPECT_DOUBLE_EQ(link.stats(1920ms).utilisation, 0.5);
}

TEST(LinkTest, FiguresAreAsOfTheTimeAskedFor) {
  LinkConfig config = with_delay(1s);
  config.rate = kTenMbit;
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 100; ++i) link.offer(0ms, i);
  // Nothing has arrived yet, and nobody has polled.
  EXPECT_DOUBLE_EQ(link.stats(48ms).utilisation, 1.0);
  EXPECT_EQ(link.stats(48ms).queue_max, 48ms);
}

TEST(LinkTest, AveragesLeaveTheWarmUpOut) {
  LinkConfig config;
  config.rate = kTenMbit;
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 4; ++i) link.offer(0ms, i);
  link.take_all();
  link.link.start_averages(kStart + 1s);
  EXPECT_EQ(link.stats(1s).utilisation, 0.0);
  link.offer(1s, 4);
  link.take_all();
  EXPECT_DOUBLE_EQ(link.stats(1s + 9600us).utilisation, 0.1);
  EXPECT_EQ(link.stats(2s).queue_mean, 0ms);
  EXPECT_EQ(link.stats(2s).queue_max, 3 * 960us);
  EXPECT_EQ(link.stats(2s).packets, 5U) << "counters count all";
}

TEST(LinkTest, KnowsHowMuchOfTheRateCanBePayload) {
  LinkConfig config;
  config.rate = Bandwidth::bits_per_second(100'000'000);
  LinkHarness link(config);
  link.link.note_message_bytes(ByteCount(600), ByteCount(1172));
  link.link.note_message_bytes(ByteCount(1140), ByteCount(1172));
  link.link.note_message_bytes(ByteCount(900), ByteCount(1172));
  EXPECT_EQ(link.stats().payload_ceiling, Bandwidth::bits_per_second(95'000'000));
}

TEST(LinkTest, AFullQueueDropsTheTail) {
  LinkConfig config;
  config.rate = kTenMbit;
  config.queue.packets = 2;
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 6; ++i) link.offer(0ms, i);
  link.offer(960us, 6);
  link.take_all();
  EXPECT_THAT(link.numbers(), ElementsAre(0, 1, 2, 6));
  EXPECT_EQ(link.stats().dropped_queue, 3U);
}

TEST(LinkTest, MarksOnlyEcnCapableDatagrams) {
  LinkConfig config;
  config.rate = kTenMbit;
  config.ecn_mark = ByteCount(1200);
  LinkHarness link(config);
  link.keeps_datagrams = true;
  const std::vector<Ecn> sent{Ecn::ect0, Ecn::ect0, Ecn::ect0, Ecn::ect1, Ecn::not_ect, Ecn::ce};
  for (std::uint32_t i = 0; i < sent.size(); ++i) {
    link.link.offer(kStart, link.make(i, 1172, sent[i]));
  }
  link.take_all();
  std::vector<Ecn> arrived;
  for (const Datagram& datagram : link.datagrams) arrived.push_back(datagram.ecn);
  EXPECT_THAT(arrived, ElementsAre(Ecn::ect0, Ecn::ect0, Ecn::ce, Ecn::ce, Ecn::not_ect, Ecn::ce));
  EXPECT_EQ(link.stats().ecn_marked, 2U);
}

std::vector<Ecn> arrivals_under(EcnFault fault, ByteCount ecn_mark = ByteCount::max()) {
  LinkConfig config;
  config.rate = kTenMbit;
  config.ecn_mark = ecn_mark;
  config.ecn_fault = fault;
  LinkHarness link(config);
  link.keeps_datagrams = true;
  std::uint32_t number = 0;
  for (const Ecn ecn : {Ecn::ect0, Ecn::ect1, Ecn::not_ect, Ecn::ce}) {
    link.link.offer(kStart, link.make(number++, 1172, ecn));
  }
  link.take_all();
  std::vector<Ecn> arrived;
  for (const Datagram& datagram : link.datagrams) arrived.push_back(datagram.ecn);
  return arrived;
}

TEST(LinkTest, EquipmentMayRewriteEcnBits) {
  EXPECT_THAT(arrivals_under(EcnFault::clear),
              ElementsAre(Ecn::not_ect, Ecn::not_ect, Ecn::not_ect, Ecn::not_ect));
  EXPECT_THAT(arrivals_under(EcnFault::ect1),
              ElementsAre(Ecn::ect1, Ecn::ect1, Ecn::not_ect, Ecn::ce));
  EXPECT_THAT(arrivals_under(EcnFault::ce), ElementsAre(Ecn::ce, Ecn::ce, Ecn::not_ect, Ecn::ce));
  EXPECT_THAT(arrivals_under(EcnFault::clear, ByteCount(1)),
              ElementsAre(Ecn::not_ect, Ecn::not_ect, Ecn::not_ect, Ecn::not_ect))
      << "the marks of its own queue as well";
}

TEST(LinkTest, EquipmentMayDropWhatBearsEcnBits) {
  EXPECT_THAT(arrivals_under(EcnFault::drop), ElementsAre(Ecn::not_ect));
}

TEST(LinkTest, DropsWhatIsBeyondTheMtu) {
  LinkConfig config;
  config.mtu = ByteCount(1280);
  LinkHarness link(config);
  link.offer(0ms, 1, 1252);
  link.offer(0ms, 2, 1253);
  link.take_all();
  EXPECT_THAT(link.numbers(), ElementsAre(1));
  EXPECT_EQ(link.stats().dropped_mtu, 1U);
}

TEST(LinkTest, ABlackoutDropsWhatIsOfferedWithinIt) {
  LinkConfig config = with_delay(10ms);
  config.blackouts = {{5ms, 7ms}, {9ms, 10ms}};
  LinkHarness link(config);
  const std::vector<Duration> times{0ms, 5ms - 1ns, 5ms, 7ms - 1ns, 7ms, 9ms, 10ms};
  for (std::uint32_t i = 0; i < times.size(); ++i) link.offer(times[i], i);
  link.take_all();
  EXPECT_THAT(link.numbers(), ElementsAre(0, 1, 4, 6));
  EXPECT_EQ(link.stats().dropped_blackout, 3U);
}

TEST(LinkTest, ScriptedDropsAskTheClassifier) {
  LinkConfig config;
  config.drop = {.with_message_bytes = {1, 3}, .of_all = {6}};
  LinkHarness link(config);
  link.link.set_classifier([](std::span<const std::uint8_t> bytes) { return bytes[0] >= 10; });
  for (const std::uint32_t number : {1U, 10U, 2U, 11U, 12U, 3U, 13U}) link.offer(0ms, number);
  link.take_all();
  EXPECT_THAT(link.numbers(), ElementsAre(1, 2, 11, 13));
  EXPECT_EQ(link.stats().dropped_loss, 3U);
}

TEST(LinkTest, CopiesFollowTheirOriginals) {
  LinkConfig config = with_delay(5ms);
  config.rate = kTenMbit;
  config.duplicate = Probability::certain();
  LinkHarness link(config);
  link.offer(0ms, 1);
  link.take_all();
  EXPECT_THAT(link.deliveries, ElementsAre(Delivery{1, 5960us}, Delivery{1, 6920us}));
  EXPECT_EQ(link.stats().duplicated, 1U);
}

// What is lost has no copy, unlike with netem: loss p, duplicate d give none with p, two with
// (1 - p) d.
TEST(LinkTest, LossAndDuplicationAreIndependent) {
  LinkConfig config;
  config.loss = Probability::percent(10);
  config.duplicate = Probability::percent(20);
  LinkHarness link(config);
  constexpr std::uint32_t kCount = 200'000;
  link.offer_many(kCount, 1ms);
  std::map<std::uint32_t, int> copies;
  for (const Delivery& delivery : link.deliveries) ++copies[delivery.number];
  std::map<int, int> counts;
  for (const auto& [number, arrived] : copies) ++counts[arrived];
  EXPECT_NEAR(static_cast<double>(kCount - copies.size()), 0.10 * kCount, 540);
  EXPECT_NEAR(counts[1], 0.72 * kCount, 810);
  EXPECT_NEAR(counts[2], 0.18 * kCount, 690);
  EXPECT_EQ(counts.size(), 2U);
}

TEST(LinkTest, DamageKeepsTheLengthAndSparesTheCopy) {
  LinkConfig config;
  config.duplicate = Probability::certain();
  config.damage.corrupt = Probability::percent(50);
  config.damage.corrupt_bits = 3;
  LinkHarness link(config);
  link.keeps_datagrams = true;
  for (std::uint32_t i = 0; i < 1000; ++i) link.link.offer(kStart, link.make(9, 100));
  link.take_all();
  const Datagram original = link.make(9, 100);
  std::map<std::pair<int, int>, int> pairs;  // flipped bits of original and copy
  const auto flipped = [&](const Datagram& datagram) {
    int bits = 0;
    for (std::size_t i = 0; i < 100; ++i) {
      bits += std::popcount(
          static_cast<unsigned>(datagram.bytes.bytes()[i] ^ original.bytes.bytes()[i]));
    }
    return bits;
  };
  for (std::size_t i = 0; i < 2000; i += 2) {
    ASSERT_EQ(link.datagrams[i].bytes.size(), 100U);
    ++pairs[{flipped(link.datagrams[i]), flipped(link.datagrams[i + 1])}];
  }
  EXPECT_EQ(pairs.size(), 4U);
  for (const int of_original : {0, 3}) {
    for (const int of_copy : {0, 3}) EXPECT_NEAR((pairs[{of_original, of_copy}]), 250, 55);
  }
  EXPECT_NEAR(static_cast<double>(link.stats().corrupted), 1000, 90);
}

TEST(LinkTest, EmptyDatagramsCannotBeDamaged) {
  LinkConfig config;
  config.damage.corrupt = Probability::certain();
  LinkHarness link(config);
  link.offer(0ms, 0, 0);
  link.take_all();
  EXPECT_EQ(link.deliveries.size(), 1U);
  EXPECT_EQ(link.stats().corrupted, 0U);
}

TEST(LinkTest, WithoutMemoryForTheDamageTheDatagramIsLost) {
  MemoryPool small(ByteCount(4096));
  LinkConfig config;
  config.damage.corrupt = Probability::certain();
  Link link({}, config, small);
  Datagram datagram;
  datagram.bytes = Buffer::allocate(small, 3000);
  link.offer(kStart, std::move(datagram));
  EXPECT_EQ(link.next_timeout(), kNever);
  EXPECT_EQ(link.stats(kStart).dropped_memory, 1U);
}

TEST(LinkTest, ChosenDatagramsSkipTheDelay) {
  LinkConfig config = with_delay(30ms);
  config.reorder = {.probability = Probability::certain(), .gap = 3};
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 6; ++i) link.offer(i * 1ms, i);
  link.take_all();
  EXPECT_THAT(link.deliveries,
              ElementsAre(Delivery{2, 2ms}, Delivery{5, 5ms}, Delivery{0, 30ms}, Delivery{1, 31ms},
                          Delivery{3, 33ms}, Delivery{4, 34ms}));
  EXPECT_EQ(link.stats().reordered, 2U);
}

TEST(LinkTest, JitterReordersAndNeverArrivesBeforeTheOffer) {
  LinkConfig config = with_delay(5ms);
  config.jitter.spread = 20ms;
  LinkHarness link(config);
  link.offer_many(10'000, 1ms);
  ASSERT_EQ(link.deliveries.size(), 10'000U);
  Duration last{0};
  for (const Delivery& delivery : link.deliveries) {
    const Duration transit = delivery.at - delivery.number * 1ms;
    ASSERT_GE(transit, 0ms);
    ASSERT_LT(transit, 25ms);
    ASSERT_GE(delivery.at, last);
    last = delivery.at;
  }
  EXPECT_GT(link.stats().reordered, 5'000U);
}

TEST(LinkTest, AChangeHoldsForWhatLeavesLater) {
  LinkConfig config = with_delay(10ms);
  config.rate = kTenMbit;
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 3; ++i) link.offer(0ms, i);
  config.delay = 1ms;
  config.rate = Bandwidth::bits_per_second(1'000'000);
  link.link.apply(kStart + 500us, config);
  link.take_all();
  // The first is being serialised at the time: it keeps its rate and its delay.
  EXPECT_THAT(link.deliveries,
              ElementsAre(Delivery{0, 960us + 10ms}, Delivery{1, 960us + 9600us + 1ms},
                          Delivery{2, 960us + 19200us + 1ms}));
  EXPECT_EQ(link.link.config(), config);
}

// Whether or not anybody asked in the meantime, what began before the change keeps its settings.
TEST(LinkTest, AChangeFindsOutWhatHasLeftByThen) {
  LinkConfig config = with_delay(10ms);
  config.rate = kTenMbit;
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 3; ++i) link.offer(0ms, i);
  link.link.apply(kStart + 1ms, with_delay(20ms));
  link.take_all();
  EXPECT_THAT(link.deliveries, ElementsAre(Delivery{0, 960us + 10ms}, Delivery{1, 1920us + 10ms},
                                           Delivery{2, 1920us + 20ms}));
}

// The second one was chosen to skip the delay before the change, and still waits then.
TEST(LinkTest, NextTimeoutKnowsWhatWaitingOnesDrewBeforeAChange) {
  LinkConfig config = with_delay(10ms);
  config.rate = kTenMbit;
  config.reorder = {.probability = Probability::certain(), .gap = 2};
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 2; ++i) link.offer(0ms, i);
  config.reorder = {};
  link.link.apply(kStart, config);
  link.take_all();
  EXPECT_THAT(link.deliveries, ElementsAre(Delivery{1, 1920us}, Delivery{0, 10960us}));
}

TEST(LinkTest, ALowerDelayLetsLaterDatagramsOvertake) {
  LinkHarness link(with_delay(30ms));
  link.offer(0ms, 0);
  link.link.apply(kStart + 5ms, with_delay(1ms));
  link.offer(6ms, 1);
  link.take_all();
  EXPECT_THAT(link.deliveries, ElementsAre(Delivery{1, 7ms}, Delivery{0, 30ms}));
}

LinkConfig with_everything() {
  LinkConfig config = with_delay(20ms);
  config.jitter = {.spread = 7ms, .correlation = Probability::percent(20)};
  config.reorder = {.probability = Probability::percent(5), .gap = 2};
  config.loss = Probability::percent(2);
  config.loss_ge = GilbertElliott{Probability::percent(1), Probability::percent(30)};
  config.loss_ge_time = TimedGilbertElliott{.mean_bad = 5ms, .mean_good = 200ms};
  config.loss_pattern.drops = "00000000000000000001";
  config.duplicate = Probability::percent(3);
  config.damage.corrupt = Probability::percent(2);
  config.rate = Bandwidth::bits_per_second(15'000'000);
  config.queue.time = 10ms;
  config.ecn_mark = ByteCount(6000);
  config.mtu = ByteCount(1400);
  config.blackouts = {{100ms, 120ms}};
  return config;
}

// Offers bursts of changing sizes.
void offer_traffic(LinkHarness& link, bool takes_out_between) {
  for (std::uint32_t i = 0; i < 3000; ++i) {
    const Duration at = (i / 10) * 3ms;
    if (takes_out_between) link.take_until(at);
    link.offer(at, i, 40 + (i * 131) % 1400);
  }
  link.take_all();
}

TEST(LinkTest, NothingGoesMissingUncounted) {
  LinkHarness link(with_everything());
  offer_traffic(link, true);
  const LinkStats stats = link.stats();
  EXPECT_EQ(stats.packets, 3000U);
  EXPECT_EQ(stats.delivered, link.deliveries.size());
  for (const std::uint64_t count :
       {stats.dropped_loss, stats.dropped_queue, stats.dropped_mtu, stats.dropped_blackout,
        stats.duplicated, stats.corrupted, stats.reordered, stats.ecn_marked}) {
    EXPECT_GT(count, 0U);
  }
  EXPECT_EQ(stats.packets + stats.duplicated, stats.delivered + stats.dropped_loss +
                                                  stats.dropped_queue + stats.dropped_mtu +
                                                  stats.dropped_blackout + stats.dropped_memory);
}

TEST(LinkTest, TheSameSeedRepeatsTheRun) {
  LinkHarness first(with_everything(), 1);
  LinkHarness second(with_everything(), 1);
  LinkHarness other(with_everything(), 2);
  for (LinkHarness* link : {&first, &second, &other}) offer_traffic(*link, true);
  EXPECT_EQ(first.deliveries, second.deliveries);
  EXPECT_NE(first.deliveries, other.deliveries);
}

// Time is what it is told: how often one asks, and when one takes things out, changes nothing.
TEST(LinkTest, AskingMoreOftenChangesNothing) {
  LinkHarness by_need(with_everything());
  offer_traffic(by_need, true);

  LinkHarness by_grid(with_everything());
  std::vector<Delivery> rounded;
  std::uint32_t next = 0;
  for (Duration at{0}; at < 2s; at += 50us) {
    // What arrives at the instant of an offer arrives before it.
    while (auto datagram = by_grid.link.poll(kStart + at)) {
      by_grid.deliveries.push_back({LinkHarness::number_of(*datagram), at});
    }
    for (; next < 3000 && (next / 10) * 3ms == at; ++next) {
      by_grid.offer(at, next, 40 + (next * 131) % 1400);
    }
  }
  for (const Delivery& delivery : by_need.deliveries) {
    rounded.push_back({delivery.number, (delivery.at + 50us - 1ns) / 50us * 50us});
  }
  EXPECT_EQ(by_grid.deliveries, rounded);
}

// The promise behind `next_timeout`: never later than the next delivery.
TEST(LinkTest, NextTimeoutIsNeverLate) {
  LinkHarness link(with_everything());
  for (std::uint32_t i = 0; i < 500; ++i) {
    link.offer(i * 300us, i, 1000);
    const TimePoint promised = link.link.next_timeout();
    EXPECT_FALSE(promised > kStart && link.link.poll(promised - 1ns).has_value());
    if (promised <= kStart + i * 300us + 300us) link.take_until(i * 300us + 300us);
  }
}

// Deliveries by number, of those datagrams that arrived once.
std::map<std::uint32_t, Duration> arrivals(const LinkConfig& config) {
  LinkHarness link(config, 99);
  link.offer_many(5000, 1ms);
  std::map<std::uint32_t, Duration> times;
  for (const Delivery& delivery : link.deliveries) times.emplace(delivery.number, delivery.at);
  return times;
}

TEST(LinkTest, AddingAnImpairmentDoesNotShiftTheDrawsOfAnother) {
  LinkConfig jittery = with_delay(50ms);
  jittery.jitter = {.spread = 10ms, .distribution = JitterDistribution::normal};
  const auto before = arrivals(jittery);
  ASSERT_EQ(before.size(), 5000U);

  LinkConfig worse = jittery;
  worse.loss = Probability::percent(10);
  worse.damage.corrupt = Probability::percent(10);
  worse.damage.truncate = Probability::percent(10);
  worse.damage.extend = Probability::percent(10);
  worse.replay = {.probability = Probability::percent(5), .age_min = 100ms};
  worse.blackouts = {{1s, 2s}};
  const auto after = arrivals(worse);
  EXPECT_NEAR(static_cast<double>(after.size()), 3600, 75);
  for (const auto& [number, at] : after) ASSERT_EQ(at, before.at(number)) << number;

  // The choice of those that skip does not shift the others' jitter either.
  LinkConfig reordering = worse;
  reordering.reorder.probability = Probability::percent(10);
  std::size_t skipped = 0;
  for (const auto& [number, at] : arrivals(reordering)) {
    if (at == number * 1ms) {
      ++skipped;
    } else {
      ASSERT_EQ(at, before.at(number)) << number;
    }
  }
  EXPECT_NEAR(static_cast<double>(skipped), 360, 75);
}

TEST(LinkTest, ChangingOneChanceKeepsTheOthersDraws) {
  const auto lost = [](std::uint64_t loss_percent, std::uint64_t duplicate_percent) {
    LinkConfig config;
    config.loss = Probability::percent(loss_percent);
    config.duplicate = Probability::percent(duplicate_percent);
    std::set<std::uint32_t> missing;
    const auto arrived = arrivals(config);
    for (std::uint32_t i = 0; i < 5000; ++i) {
      if (!arrived.contains(i)) missing.insert(i);
    }
    return missing;
  };
  const std::set<std::uint32_t> at_five = lost(5, 0);
  EXPECT_EQ(at_five, lost(5, 50));
  // The same dice: whoever is lost at 5 % is lost at 10 %.
  EXPECT_TRUE(std::ranges::includes(lost(10, 0), at_five));
}

class FateRecorder final : public LinkObserver {
 public:
  void on_offered(const OfferedDatagram& offered) override {
    fates.push_back(offered.fate);
    times.push_back(offered.since_start);
    ecn.push_back(offered.datagram.ecn);
    link = offered.link;
  }
  std::vector<Fate> fates;
  std::vector<Duration> times;
  std::vector<Ecn> ecn;
  std::uint32_t link = 0;
};

TEST(LinkTest, TellsItsObserverEveryFate) {
  LinkConfig config;
  config.rate = kTenMbit;
  config.queue.packets = 2;
  config.ecn_mark = ByteCount(1200);
  config.mtu = ByteCount(1500);
  config.drop.of_all = {2};
  config.blackouts = {{0ms, 1ms}};
  MemoryPool pool;
  LinkHarness link(config);
  FateRecorder recorder;
  link.link.set_observer(&recorder);
  link.offer(0ms, 0);
  link.offer(1ms, 1);
  link.offer(1ms, 2, 1473);
  for (std::uint32_t i = 3; i < 7; ++i) link.offer(1ms, i);
  std::vector<Outcome> outcomes;
  std::vector<bool> marked;
  for (const Fate& fate : recorder.fates) {
    outcomes.push_back(fate.outcome);
    marked.push_back(fate.is_marked);
  }
  EXPECT_THAT(outcomes,
              ElementsAre(Outcome::blackout, Outcome::lost, Outcome::too_big, Outcome::passed,
                          Outcome::passed, Outcome::passed, Outcome::queue_full));
  EXPECT_THAT(marked, ElementsAre(false, false, false, false, false, true, false));
  EXPECT_EQ(recorder.ecn[5], Ecn::ect0) << "as it was offered";
  EXPECT_EQ(recorder.times[6], 1ms);
}

}  // namespace
}  // namespace hawser::netsim
