// A link whose queue has a discipline, a policer before it, or a trace for its rate.

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

LinkConfig with_aqm(const Aqm& aqm) {
  LinkConfig config;
  config.rate = kTenMbit;
  config.queue.packets = 100;
  config.aqm = aqm;
  return config;
}

/// A source that halves its rate when it notices losses, as any controller would: it keeps `window`
/// datagrams on the way, one more for each round without a loss, half as many after one with.
LinkStats run_window_source(const LinkConfig& config, Duration duration, Ecn ecn = Ecn::not_ect) {
  LinkHarness link(config);
  std::uint64_t sent = 0;
  double window = 10;
  std::uint64_t losses_known = 0;
  std::uint64_t round_end = 0;
  for (Duration at{0}; at < duration; at += 5ms) {
    link.take_until(at);
    const LinkStats stats = link.stats(at);
    const std::uint64_t dropped = stats.dropped_queue + stats.dropped_aqm;
    const std::uint64_t gone = stats.delivered + dropped;
    if (gone >= round_end) {
      const bool has_lost = dropped + stats.ecn_marked > losses_known;
      losses_known = dropped + stats.ecn_marked;
      window = has_lost ? window / 2 : window + 1;
      round_end = sent;
    }
    for (std::uint64_t i = sent - gone; static_cast<double>(i) < window; ++i) {
      link.link.offer(kStart + at, link.make(static_cast<std::uint32_t>(sent++), 1172, ecn));
    }
    if (at == duration / 4) link.link.start_averages(kStart + at);
  }
  return link.stats(duration);
}

LinkConfig with_rtt(LinkConfig config) {
  config.delay = 40ms;
  return config;
}

TEST(LinkQueueTest, CodelHoldsTheWaitNearItsTargetWhereDropTailFillsTheQueue) {
  const LinkStats drop_tail = run_window_source(with_rtt(with_aqm(DropTail())), 10s);
  const LinkStats codel = run_window_source(with_rtt(with_aqm(Codel())), 10s);
  EXPECT_EQ(drop_tail.queue_max, 100 * 960us);
  EXPECT_GT(drop_tail.queue_mean, 40ms);
  EXPECT_LT(codel.queue_mean, 10ms);
  EXPECT_LT(codel.queue_p50, 10ms);
  EXPECT_GT(codel.dropped_aqm, 5U);
  EXPECT_EQ(codel.dropped_queue, 0U);
  EXPECT_GT(codel.utilisation, 0.85);
}

TEST(LinkQueueTest, EveryDisciplineMarksInsteadOfDropping) {
  for (const Aqm& aqm :
       {Aqm(Red{ByteCount(5'000), ByteCount(40'000)}), Aqm(Codel()), Aqm(FqCodel())}) {
    const LinkStats stats = run_window_source(with_rtt(with_aqm(aqm)), 10s, Ecn::ect0);
    EXPECT_GT(stats.ecn_marked, 3U) << aqm.index();
    EXPECT_EQ(stats.dropped_aqm + stats.dropped_queue, 0U) << aqm.index();
    EXPECT_GT(stats.utilisation, 0.7) << aqm.index();
  }
}

TEST(LinkQueueTest, TheThresholdMarksUnderEveryDiscipline) {
  for (const Aqm& aqm : {Aqm(DropTail()), Aqm(Red()), Aqm(Codel()), Aqm(FqCodel())}) {
    LinkConfig config = with_aqm(aqm);
    config.ecn_mark = ByteCount(2400);
    LinkHarness link(config);
    for (std::uint32_t i = 0; i < 5; ++i) link.offer(0ms, i);
    EXPECT_EQ(link.stats(0ms).ecn_marked, 2U) << aqm.index();
  }
}

TEST(LinkQueueTest, TheDelayOfTheQueueIsThatOfTheNextToCome) {
  LinkHarness link(with_aqm(DropTail()));
  EXPECT_EQ(link.link.queue_delay(LinkHarness::kStart), 0ms);
  for (std::uint32_t i = 0; i < 5; ++i) link.offer(0ms, i);
  EXPECT_EQ(link.link.queue_delay(LinkHarness::kStart), 5 * 960us);
  EXPECT_EQ(link.link.queue_delay(LinkHarness::kStart + 1ms), 5 * 960us - 1ms);
}

TEST(LinkQueueTest, AChangeOfDisciplineKeepsWhatWaits) {
  LinkConfig config = with_aqm(DropTail());
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 20; ++i) link.offer(0ms, i);
  Duration at{0};
  for (const Aqm& aqm : {Aqm(Codel()), Aqm(FqCodel()), Aqm(Red()), Aqm(DropTail())}) {
    link.take_until(at += 1ms);
    config.aqm = aqm;
    link.link.apply(kStart + at, config);
  }
  link.take_all();
  ASSERT_EQ(link.deliveries.size(), 20U);
  EXPECT_EQ(link.deliveries.back(), (Delivery{19, 20 * 960us}));
  EXPECT_TRUE(std::ranges::is_sorted(link.numbers()));
}

TEST(LinkQueueTest, APolicerDropsWhatItsBucketCannotPay) {
  LinkConfig config;
  config.policer = Policer{.rate = kTenMbit, .burst = ByteCount(3600)};
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 5; ++i) link.offer(0ms, i);
  link.offer(960us, 5);
  link.offer(960us, 6);
  link.take_all();
  EXPECT_THAT(link.numbers(), ElementsAre(0, 1, 2, 5));
  EXPECT_EQ(link.stats().dropped_policer, 3U);
  EXPECT_EQ(link.stats().queue_max, 0ms);
}

TEST(LinkQueueTest, CopiesAreConserved) {
  LinkConfig config = with_aqm(Codel{.target = 1ms, .interval = 5ms});
  config.queue.packets = 30;
  config.duplicate = Probability::percent(30);
  config.damage.corrupt = Probability::percent(5);
  config.policer = Policer{.rate = Bandwidth::bits_per_second(14'000'000)};
  config.aggregation = Aggregation{.packets = 7, .time = 3ms};
  config.slots = Slots{.interval_min = 1ms, .interval_max = 4ms, .packets = 6};
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 3000; ++i) {
    link.take_until(i * 700us);
    link.link.offer(kStart + i * 700us, link.make(i, 1172, Ecn::not_ect));
  }
  link.take_all();
  const LinkStats stats = link.stats(1h);
  EXPECT_GT(stats.dropped_policer, 100U);
  EXPECT_GT(stats.dropped_aqm, 20U);
  EXPECT_EQ(stats.packets + stats.duplicated,
            stats.delivered + stats.dropped_queue + stats.dropped_aqm + stats.dropped_policer);
  EXPECT_EQ(stats.delivered, link.deliveries.size());
}

TEST(LinkQueueTest, FqCodelMakesRoomInTheLongestFlow) {
  LinkConfig config = with_aqm(FqCodel());
  config.queue.packets = 10;
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 11; ++i) link.offer(0ms, i);
  Datagram other = link.make(99);
  other.source.port = 5;
  link.link.offer(kStart, std::move(other));
  link.take_all();
  EXPECT_THAT(link.numbers(), ElementsAre(0, 6, 99, 7, 8, 9, 10));
  EXPECT_EQ(link.stats().dropped_queue, 5U);
}

TEST(LinkQueueTest, ATraceDeliversAtItsOpportunities) {
  LinkConfig config;
  config.delay = 10ms;
  config.trace = RateTrace::from({2ms, 2ms, 7ms});
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 3; ++i) link.offer(1ms, i, 724);  // two of them make 1504 bytes
  link.offer(1ms, 3, 1500);
  link.offer(8ms, 4, 100);
  link.take_all();
  EXPECT_THAT(link.deliveries, ElementsAre(Delivery{0, 12ms}, Delivery{1, 12ms}, Delivery{2, 12ms},
                                           Delivery{3, 17ms}, Delivery{4, 19ms}));
  link.link.note_message_bytes(ByteCount(1000), ByteCount(1172));
  EXPECT_EQ(link.stats().payload_ceiling, config.trace->mean_rate().scaled(1000, 1200));
}

TEST(LinkQueueTest, ASaturatingSenderGetsAllOfATrace) {
  std::vector<Duration> times;
  for (int i = 1; i <= 300; ++i) times.push_back(i * i % 97 * 1ms + i / 30 * 100ms);
  std::ranges::sort(times);
  LinkConfig config;
  config.trace = RateTrace::from(times);
  LinkHarness link(config);
  for (std::uint32_t i = 0; i < 3000; ++i) link.offer(0ms, i, 1000);
  link.take_until(5s);
  const double bytes = 1028.0 * static_cast<double>(link.deliveries.size());
  const auto offered = static_cast<double>(config.trace->mean_rate().bytes_in(5s).value());
  EXPECT_GT(bytes / offered, 0.99);
  EXPECT_GT(link.stats(5s).utilisation, 0.99);
  EXPECT_LE(link.stats(5s).utilisation, 1.0);
}

TEST(LinkQueueTest, TheGateComesBehindTheDelay) {
  LinkConfig config;
  config.delay = 10ms;
  config.aggregation = Aggregation{.packets = 2, .time = 5ms};
  config.slots = Slots{.interval_min = 4ms, .interval_max = 4ms};
  LinkHarness link(config);
  link.offer(0ms, 0);
  link.offer(3ms, 1);
  link.offer(3ms, 2);
  link.take_all();
  EXPECT_THAT(link.deliveries,
              ElementsAre(Delivery{0, 16ms}, Delivery{1, 16ms}, Delivery{2, 20ms}));
}

TEST(LinkQueueTest, TheSameSeedGivesTheSameRun) {
  const auto run = [](std::uint64_t seed) {
    LinkConfig config = with_aqm(Red{ByteCount(3'000), ByteCount(30'000)});
    config.slots = Slots{.interval_min = 1ms, .interval_max = 4ms};
    LinkHarness link(config, seed);
    for (std::uint32_t i = 0; i < 3000; ++i) {
      link.take_until(i * 900us);
      link.link.offer(kStart + i * 900us, link.make(i, 1172, Ecn::not_ect));
    }
    link.take_all();
    return link.deliveries;
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

/// Counts what a link tells of its drops.
class DropCounter final : public LinkObserver {
 public:
  void on_offered(const OfferedDatagram& offered) override {
    if (offered.fate.outcome != Outcome::passed) ++at_once;
  }
  void on_dropped_later(Duration since_start, std::uint32_t, std::uint64_t count) override {
    later += count;
    latest = since_start;
  }
  std::uint64_t at_once = 0;
  std::uint64_t later = 0;
  Duration latest{0};
};

TEST(LinkQueueTest, ItsObserverHearsOfDropsWhenTheirTurnHasCome) {
  LinkHarness link(with_aqm(Codel{}));
  DropCounter drops;
  link.link.set_observer(&drops);
  for (std::uint32_t i = 0; i < 3000; ++i) {
    link.take_until(400us * i);
    link.link.offer(kStart + 400us * i, link.make(i, 1172, Ecn::not_ect));
  }
  link.take_all();
  const LinkStats stats = link.stats(2s);
  EXPECT_GT(stats.dropped_aqm, 0U);
  EXPECT_EQ(drops.at_once, stats.dropped_queue);
  EXPECT_EQ(drops.later, stats.dropped_aqm);
  EXPECT_GT(drops.latest, 100ms);
}

}  // namespace
}  // namespace hawser::netsim
