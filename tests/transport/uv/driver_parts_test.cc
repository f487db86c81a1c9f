// The small parts of a driver: timers, tasks, names, randomness.

#include "transport/uv/driver_parts.h"

#include <algorithm>
#include <set>
#include <string>
#include <thread>

#include "tests/transport/uv/loop_test.h"
#include "transport/uv/monotonic_clock.h"
#include "transport/uv/name_resolver.h"
#include "transport/uv/task_queue.h"
#include "transport/uv/timerfd_timer.h"
#include "transport/uv/uv_error.h"

namespace hawser::rim {

namespace {

// ---- Timers ---------------------------------------------------------------------------------

class DeadlineTimerTest : public LoopTest, public ::testing::WithParamInterface<UvDriver> {
 protected:
  DeadlineTimerTest() {
    auto timer = parts_of(GetParam())->make_timer(loop(), [this] {
      ++rings_;
      rung_ = monotonic_now();
    });
    timer_ = std::move(*timer);
  }
  void TearDown() override {
    timer_->close(barrier_);
    LoopTest::TearDown();
  }
  CloseBarrier barrier_{nullptr};
  std::unique_ptr<DeadlineTimer> timer_;
  int rings_ = 0;
  TimePoint rung_;
};

TEST_P(DeadlineTimerTest, RingsOnceAndNeverEarly) {
  keep_alive();
  for (const std::int64_t micros : {0, 300, 1'500, 2'999, -5'000}) {
    const int before = rings_;
    const TimePoint deadline = monotonic_now() + std::chrono::microseconds(micros);
    timer_->arm(deadline);
    ASSERT_TRUE(run_until([&] { return rings_ > before; }));
    EXPECT_GE(rung_, deadline);
    turn_once();
    EXPECT_EQ(rings_, before + 1);
  }
}

TEST_P(DeadlineTimerTest, NewDeadlineReplacesTheOlder) {
  keep_alive();
  timer_->arm(kNever);
  timer_->arm(monotonic_now() + std::chrono::hours(1));
  timer_->arm(monotonic_now() + std::chrono::microseconds(200));
  ASSERT_TRUE(run_until([&] { return rings_ > 0; }));
  timer_->arm(monotonic_now());
  timer_->arm(monotonic_now() + std::chrono::hours(1));
  turn_once();
  EXPECT_EQ(rings_, 1) << "the second deadline had moved on";
}

TEST_P(DeadlineTimerTest, DoesNotKeepTheLoopAlive) {
  timer_->arm(monotonic_now() + std::chrono::hours(1));
  EXPECT_EQ(uv_run(loop(), UV_RUN_DEFAULT), 0);
  EXPECT_EQ(rings_, 0);
}

INSTANTIATE_TEST_SUITE_P(Drivers, DeadlineTimerTest,
                         ::testing::Values(UvDriver::linux_batched, UvDriver::portable),
                         [](const auto& test) {
                           return test.param == UvDriver::portable ? "Portable" : "Linux";
                         });

TEST(TimerfdTimerTest, KeepsNanoseconds) {
  const timespec spec = TimerfdTimer::to_timespec(TimePoint(Duration(7'000'250'001)));
  EXPECT_EQ(spec.tv_sec, 7);
  EXPECT_EQ(spec.tv_nsec, 250'001);
  // Zero would disarm the timer (timerfd_settime(2)); a deadline in the past must ring.
  EXPECT_EQ(TimerfdTimer::to_timespec(TimePoint(Duration(0))).tv_nsec, 1);
  EXPECT_EQ(TimerfdTimer::to_timespec(TimePoint(Duration(-5))).tv_nsec, 1);
}

// ---- Tasks ----------------------------------------------------------------------------------

class TaskQueueTest : public LoopTest {
 protected:
  void TearDown() override {
    queue_.close(barrier_);
    LoopTest::TearDown();
  }
  void run_tasks() {
    while (const auto task = queue_.take()) (*task)();
  }
  CloseBarrier barrier_{nullptr};
  TaskQueue queue_{[this] { run_tasks(); }};
};

TEST_F(TaskQueueTest, TasksOfAnotherThreadRunInOrderOnTheLoop) {
  std::vector<int> ran;
  std::vector<std::thread::id> threads;
  ASSERT_FALSE(queue_.open(loop()));
  keep_alive();
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) {
      EXPECT_TRUE(queue_.post([&, i] {
        ran.push_back(i);
        threads.push_back(std::this_thread::get_id());
      }));
    }
  });
  EXPECT_TRUE(run_until([&] { return ran.size() == 1000; }));
  other.join();
  EXPECT_TRUE(std::is_sorted(ran.begin(), ran.end()));
  EXPECT_EQ(std::set(threads.begin(), threads.end()), std::set{std::this_thread::get_id()});
}

TEST_F(TaskQueueTest, RefusesBeforeItIsOpenAndAfterRefuse) {
  EXPECT_FALSE(queue_.post([] {}));
  ASSERT_FALSE(queue_.open(loop()));
  EXPECT_TRUE(queue_.post([] {}));
  queue_.refuse();
  EXPECT_FALSE(queue_.post([] {}));
  EXPECT_EQ(queue_.size(), 1U) << "what was accepted before stays";
  queue_.clear();
  EXPECT_FALSE(queue_.take());
}

// ---- Names ----------------------------------------------------------------------------------

class NameResolverTest : public LoopTest {
 protected:
  static SocketAddress address(std::string_view text) { return *SocketAddress::parse(text); }
};

TEST_F(NameResolverTest, FindsAnAddressOfTheSocketsFamily) {
  std::optional<Result<SocketAddress>> found;
  NameResolver four(loop(), address("0.0.0.0:0"));
  ASSERT_FALSE(four.resolve("localhost:9000", [&](auto result) { found = result; }));
  EXPECT_FALSE(found) << "told from the loop only";
  ASSERT_TRUE(run_until([&] { return found.has_value(); }));
  ASSERT_TRUE(*found) << found->error().message();
  EXPECT_EQ(**found, address("127.0.0.1:9000"));

  NameResolver six(loop(), address("[::1]:0"));
  found.reset();
  ASSERT_FALSE(six.resolve("[::1]:7", [&](auto result) { found = result; }));
  ASSERT_TRUE(run_until([&] { return found.has_value(); }));
  EXPECT_EQ(**found, address("[::1]:7"));
}

TEST_F(NameResolverTest, RefusesWhatIsNoHostAndPort) {
  NameResolver resolver(loop(), address("[::]:0"));
  for (const char* text : {"", "localhost", ":9000", "localhost:", ":"}) {
    EXPECT_EQ(resolver.resolve(text, [](auto) { FAIL(); }), Errc::invalid_address) << text;
  }
}

TEST_F(NameResolverTest, UnknownNameAndServiceAreResolverErrors) {
  NameResolver resolver(loop(), address("[::]:0"));
  for (const char* text : {"[not an address]:9000", "localhost:http"}) {
    std::optional<Result<SocketAddress>> found;
    ASSERT_FALSE(resolver.resolve(text, [&](auto result) { found = result; }));
    ASSERT_TRUE(run_until([&] { return found.has_value(); }));
    ASSERT_FALSE(*found) << text;
    EXPECT_EQ(found->error(), std::errc::host_unreachable) << found->error().message();
  }
}

TEST_F(NameResolverTest, ClosingEndsWhatIsUnderWay) {
  NameResolver resolver(loop(), address("[::]:0"));
  bool is_open = false;
  CloseBarrier barrier([&] { is_open = true; });
  std::vector<std::error_code> errors;
  for (int i = 0; i < 20; ++i) {  // more than libuv has workers: some can be cancelled
    ASSERT_FALSE(resolver.resolve("localhost:9000", [&](auto result) {
      EXPECT_FALSE(is_open);
      errors.push_back(result.error());
    }));
  }
  resolver.close(barrier);
  ASSERT_TRUE(run_until([&] { return is_open; }));
  const std::vector<std::error_code> expected(20, make_error_code(Errc::connection_closing));
  EXPECT_EQ(errors, expected);
}

// ---- Errors and randomness ------------------------------------------------------------------

TEST(UvErrorTest, ComparesWithTheStandardsConditions) {
  EXPECT_EQ(uv_error(UV_EADDRINUSE), std::errc::address_in_use);
  EXPECT_EQ(uv_error(UV_EAI_NONAME), std::errc::host_unreachable);
  EXPECT_NE(uv_error(UV_EAI_NONAME).message().find("cannot be resolved"), std::string::npos);
}

TEST(SystemRandomTest, DrawsDiffer) {
  SystemRandom random;
  std::set<std::uint64_t> words;
  for (int i = 0; i < 1000; ++i) words.insert(random.next());
  EXPECT_EQ(words.size(), 1000U);
}

TEST(DriverPartsTest, AutomaticIsTheBatchedDriverOnLinux) {
  EXPECT_EQ(parts_of(UvDriver::automatic)->driver, UvDriver::linux_batched);
  EXPECT_EQ(parts_of(UvDriver::portable)->driver, UvDriver::portable);
}

}  // namespace

}  // namespace hawser::rim
