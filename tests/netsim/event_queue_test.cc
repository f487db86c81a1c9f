#include "hawser/netsim/event_queue.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hawser/random.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr TimePoint kStart = EventQueue::kStart;

/// Writes its name and the time into a common log.
class Recorder final : public Actor {
 public:
  using Log = std::vector<std::pair<std::string, Duration>>;
  Recorder(Log& log, std::string name) : log_(&log), name_(std::move(name)) {}
  void on_wake(TimePoint now) override {
    log_->emplace_back(name_, now - kStart);
    if (then) then();
  }
  std::function<void()> then;

 private:
  Log* log_;
  std::string name_;
};

class EventQueueTest : public ::testing::Test {
 protected:
  std::string order() const {
    std::string names;
    for (const auto& [name, at] : log_) names += name;
    return names;
  }
  Recorder::Log log_;
  EventQueue events_;
  Recorder a_{log_, "a"};
  Recorder b_{log_, "b"};
  Recorder c_{log_, "c"};
};

TEST_F(EventQueueTest, StartsAtOneSecond) { EXPECT_EQ(events_.now(), TimePoint(1s)); }

TEST_F(EventQueueTest, RunsByTimeThenByInsertion) {
  events_.schedule(a_, kStart + 2ms);
  events_.schedule(b_, kStart + 1ms);
  events_.schedule(c_, kStart + 2ms);
  EXPECT_EQ(events_.next_event(), kStart + 1ms);
  EXPECT_EQ(events_.run_until(kNever), RunOutcome::idle);
  EXPECT_EQ(order(), "bac");
  EXPECT_EQ(events_.now(), kStart + 2ms);
  EXPECT_EQ(events_.event_count(), 3U);
}

TEST_F(EventQueueTest, AnActorHasOneWakeUpThatCanBeMoved) {
  events_.schedule(a_, kStart + 5ms);
  events_.schedule(a_, kStart + 1ms);
  events_.schedule(b_, kStart + 2ms);
  events_.schedule(a_, kStart + 3ms);
  EXPECT_EQ(events_.wake_time(a_), kStart + 3ms);
  events_.run_until(kNever);
  EXPECT_EQ(order(), "ba");
  EXPECT_EQ(events_.wake_time(a_), kNever);
}

TEST_F(EventQueueTest, AskingForThePendingTimeKeepsThePlace) {
  events_.schedule(a_, kStart + 1ms);
  events_.schedule(b_, kStart + 1ms);
  events_.schedule(a_, kStart + 1ms);
  events_.run_until(kNever);
  EXPECT_EQ(order(), "ab");
}

TEST_F(EventQueueTest, MovingAwayAndBackLosesThePlace) {
  events_.schedule(a_, kStart + 1ms);
  events_.schedule(b_, kStart + 1ms);
  events_.schedule(a_, kStart + 2ms);
  events_.schedule(a_, kStart + 1ms);
  events_.run_until(kNever);
  EXPECT_EQ(order(), "ba");
}

TEST_F(EventQueueTest, CancelledOnesDoNotHappen) {
  events_.schedule(a_, kStart + 1ms);
  events_.schedule(b_, kStart + 1ms);
  events_.schedule(c_, kStart + 1ms);
  events_.cancel(a_);
  events_.schedule(c_, kNever);
  EXPECT_FALSE(a_.is_scheduled());
  EXPECT_FALSE(c_.is_scheduled());
  events_.run_until(kNever);
  EXPECT_EQ(order(), "b");
}

TEST_F(EventQueueTest, ADestroyedActorIsCancelled) {
  auto gone = std::make_unique<Recorder>(log_, "x");
  events_.schedule(*gone, kStart + 1ms);
  events_.schedule(a_, kStart + 2ms);
  gone.reset();
  events_.run_until(kNever);
  EXPECT_EQ(order(), "a");
}

TEST_F(EventQueueTest, ActorsMayOutliveTheQueue) {
  {
    EventQueue shorter;
    shorter.schedule(a_, kStart + 1ms);
  }
  EXPECT_FALSE(a_.is_scheduled());
  events_.schedule(a_, kStart + 1ms);
  EXPECT_TRUE(a_.is_scheduled());
}

TEST_F(EventQueueTest, ThePastMeansNow) {
  a_.then = [this] { events_.schedule(b_, kStart); };
  events_.schedule(a_, kStart + 3ms);
  events_.run_until(kNever);
  EXPECT_THAT(log_, ElementsAre(std::pair("a", 3ms), std::pair("b", 3ms)));
}

TEST_F(EventQueueTest, ADeadlineIsInclusiveAndBecomesTheTime) {
  events_.schedule(a_, kStart + 5ms);
  events_.schedule(b_, kStart + 6ms);
  EXPECT_EQ(events_.run_until(kStart + 5ms), RunOutcome::deadline);
  EXPECT_EQ(order(), "a");
  EXPECT_EQ(events_.now(), kStart + 5ms);
  EXPECT_EQ(events_.run_until(kStart + 10ms), RunOutcome::idle);
  EXPECT_EQ(order(), "ab");
  EXPECT_EQ(events_.now(), kStart + 10ms);
}

TEST_F(EventQueueTest, APredicateStopsAfterTheEventThatMadeItTrue) {
  a_.then = [this] { events_.schedule(a_, events_.now() + 1ms); };
  events_.schedule(a_, kStart + 1ms);
  const auto is_done = [this] { return log_.size() == 3; };
  EXPECT_EQ(events_.run_until(kNever, is_done), RunOutcome::satisfied);
  EXPECT_EQ(events_.now(), kStart + 3ms);
  EXPECT_EQ(events_.run_until(kNever, is_done), RunOutcome::satisfied) << "nothing more happens";
  EXPECT_EQ(log_.size(), 3U);
}

TEST_F(EventQueueTest, ReportsAStormOfEvents) {
  EventQueue limited(100);
  Recorder stuck(log_, "s");
  stuck.then = [&] { limited.schedule(stuck, limited.now()); };
  limited.schedule(stuck, kStart + 1ms);
  EXPECT_EQ(limited.run_until(kNever), RunOutcome::event_storm);
  EXPECT_EQ(log_.size(), 100U);
  EXPECT_EQ(limited.now(), kStart + 1ms);
}

TEST_F(EventQueueTest, ManyEventsAreNoStormWhileTimeMoves) {
  EventQueue limited(10);
  Recorder steady(log_, "s");
  // Five events at each instant.
  steady.then = [&] {
    const Duration step = log_.size() % 5 == 0 ? 1ns : 0ns;
    if (log_.size() < 1000) limited.schedule(steady, limited.now() + step);
  };
  limited.schedule(steady, kStart);
  EXPECT_EQ(limited.run_until(kNever), RunOutcome::idle);
  EXPECT_EQ(log_.size(), 1000U);
}

// Against a map of (time, insertion), with random schedules, moves and cancellations.
TEST_F(EventQueueTest, KeepsItsOrderUnderRandomUse) {
  constexpr std::size_t kActors = 40;
  std::vector<std::unique_ptr<Recorder>> actors;
  for (std::size_t i = 0; i < kActors; ++i) {
    actors.push_back(std::make_unique<Recorder>(log_, std::to_string(i)));
  }
  std::map<std::pair<TimePoint, std::uint64_t>, std::size_t> expected;
  const auto forget = [&](std::size_t actor) {
    std::erase_if(expected, [&](const auto& entry) { return entry.second == actor; });
  };
  SeededRandom random(51);
  for (std::uint64_t step = 0; step < 20'000; ++step) {
    const std::size_t actor = random.below(kActors);
    const std::uint64_t what = random.below(10);
    if (what < 6) {
      const TimePoint at = events_.now() + Duration(static_cast<std::int64_t>(random.below(30)));
      if (events_.wake_time(*actors[actor]) != at) {
        forget(actor);
        expected[{at, step}] = actor;
      }
      events_.schedule(*actors[actor], at);
    } else if (what < 7) {
      forget(actor);
      events_.cancel(*actors[actor]);
    } else if (!expected.empty()) {
      const auto [key, next] = *expected.begin();
      log_.clear();
      events_.run_until(kNever, [&] { return !log_.empty(); });
      ASSERT_EQ(order(), std::to_string(next)) << "step " << step;
      ASSERT_EQ(events_.now(), key.first);
      forget(next);
    }
  }
}

TEST(TimelineTest, RunsActionsInOrder) {
  EventQueue events;
  Timeline timeline(events);
  std::string log;
  timeline.at(kStart + 2ms, [&] { log += 'b'; });
  timeline.at(kStart + 1ms, [&] {
    log += 'a';
    timeline.at(kStart + 2ms, [&] { log += 'd'; });
    timeline.at(kStart, [&] { log += '!'; });
  });
  timeline.at(kStart + 2ms, [&] { log += 'c'; });
  EXPECT_EQ(events.run_until(kNever), RunOutcome::idle);
  EXPECT_EQ(log, "a!bcd");
  EXPECT_EQ(events.now(), kStart + 2ms);
}

}  // namespace
}  // namespace hawser::netsim
