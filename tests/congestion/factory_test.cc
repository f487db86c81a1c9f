#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include "hawser/congestion_controller.h"
#include "hawser/random.h"
#include "tests/congestion/ack_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

TEST(CongestionControllersTest, ListsTheDefaultFirstAndNoNameTwice) {
  EXPECT_EQ(congestion_controllers().front().name, "cubic");
  std::set<std::string_view> names;
  for (const CongestionControllerFactory& factory : congestion_controllers()) {
    EXPECT_TRUE(names.insert(factory.name).second) << factory.name;
  }
}

TEST(CongestionControllersTest, FindsThemByName) {
  for (const CongestionControllerFactory& factory : congestion_controllers()) {
    EXPECT_EQ(find_congestion_controller(factory.name), &factory);
  }
  EXPECT_EQ(find_congestion_controller("Cubic"), nullptr);
  EXPECT_EQ(find_congestion_controller(""), nullptr);
}

TEST(CongestionControllersTest, MakesControllersThatBearTheirName) {
  for (const CongestionControllerFactory& factory : congestion_controllers()) {
    EXPECT_EQ(factory.make({})->snapshot().name, factory.name);
  }
}

/// A sender's view of a bad path: any event may follow any other, with any plausible content.
class RandomEvents {
 public:
  RandomEvents(CongestionController& controller, std::uint64_t seed)
      : controller_(controller), random_(seed) {}

  void send_one() {
    now_ += Duration(draw(50'000'000));
    if (random_.below(2000) == 0) now_ += 1h;
    switch (random_.below(40)) {
      case 0:
        return lose(LossKind::packet);
      case 1:
        return lose(random_.below(4) == 0 ? LossKind::persistent : LossKind::ecn_ce);
      case 2:
        return controller_.on_spurious_loss(spurious(random_.below(2) == 0));
      case 3:
        return controller_.on_path_change(random_.below(20) == 0 ? new_path(now_, kDatagram)
                                                                 : new_datagram_size(kDatagram));
      case 4:
      case 5:
        return controller_.on_sent({.context = context(), .bytes = kDatagram});
      default:
        return acknowledge();
    }
  }

 private:
  TimePoint earlier() { return now_ - Duration(draw(300'000'000)); }
  CongestionContext context() {
    return {.now = now_,
            .bytes_in_flight = datagrams(draw(3)),
            .is_app_limited = random_.below(4) == 0};
  }
  void lose(LossKind kind) { controller_.on_loss(loss(now_, earlier(), kind)); }
  void acknowledge() {
    AckEvent event = ack(now_, ByteCount(draw(100'000)), earlier());
    event.context = context();
    event.rtt = rtt_of(Duration(draw(2'000'000'000)));
    controller_.on_ack(event);
  }
  std::int64_t draw(std::uint64_t bound) { return static_cast<std::int64_t>(random_.below(bound)); }

  CongestionController& controller_;
  SeededRandom random_;
  TimePoint now_ = at(0s);
};

TEST(CongestionControllersTest, StayWithinTheirBoundsWhateverHappens) {
  const CongestionConfig config{.window_max = ByteCount(50'000'000), .fixed_window_packets = 64};
  for (const CongestionControllerFactory& factory : congestion_controllers()) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const auto controller = factory.make(config);
      RandomEvents events(*controller, seed);
      for (int i = 0; i < 5000; ++i) {
        events.send_one();
        const CongestionSnapshot snapshot = controller->snapshot();
        ASSERT_EQ(snapshot.congestion_window, controller->congestion_window());
        ASSERT_GE(snapshot.congestion_window, datagrams(4)) << factory.name << " seed " << seed;
        ASSERT_LE(snapshot.congestion_window, config.window_max) << factory.name << " " << seed;
        ASSERT_GE(snapshot.ssthresh, datagrams(4)) << factory.name << " seed " << seed;
        ASSERT_FALSE(controller->pacing_rate(rtt_of(10ms)).is_zero());
      }
    }
  }
}

}  // namespace
}  // namespace hawser
