/// The three protocols on an ideal line, send window against receive window: the figures of the
/// textbooks and of an event simulation with finite windows. A saturated sender, frame time 1,
/// one-way propagation `a`, loss of frames only, error-free acknowledgements of no length, and a
/// sender that knows after exactly 1 + 2a frame times what became of a frame.

#include <array>
#include <deque>

#include <gtest/gtest.h>

#include "arq/receive_window.h"
#include "arq/send_window.h"
#include "hawser/random.h"
#include "tests/arq/support.h"

namespace hawser::test {
namespace {

using std::chrono::milliseconds;

constexpr Duration kFrameTime = milliseconds(1);
constexpr std::uint64_t kFrames = 200'000;  // of one run, the filling of the empty line included

enum class Protocol { go_back_n, selective_repeat };

struct Line {
  double propagation;  // a, in frame times
  std::uint64_t loss_per_mille;
  std::uint64_t window;
};

/// One run of a protocol over a line. Outcomes come in order of transmission, since each takes the
/// same time, so what the receiver does may be worked out when the sender learns of it.
class IdealTransfer {
 public:
  IdealTransfer(Protocol protocol, const Line& line, std::uint64_t seed)
      : protocol_(protocol),
        round_trip_(kFrameTime + 2 * ms(line.propagation)),
        loss_per_mille_(line.loss_per_mille),
        random_(seed),
        sender_(pool_, line.window),
        receiver_(pool_, protocol == Protocol::selective_repeat ? line.window : 1) {
    sender_.set_peer_limit(Sequence::last());
  }

  /// Delivered frames per frame time.
  double utilisation() {
    std::uint64_t sent = 0;
    while (sent < kFrames) {
      const bool has_frame = sender_.next_lost() || sender_.can_push();
      if (!under_way_.empty() && (!has_frame || under_way_.front().outcome_time <= now_)) {
        learn_outcome();
      } else {
        send_frame();
        ++sent;
      }
    }
    return static_cast<double>(delivered_) * (kFrameTime / Duration(1)) /
           static_cast<double>((now_ - at(Duration(0))).count());
  }

 private:
  struct Frame {
    Sequence sequence;
    PacketNumber number;
    TimePoint outcome_time;
    bool arrives = false;
  };

  void send_frame() {
    Sequence sequence;
    if (const auto lost = sender_.next_lost()) {
      sequence = *lost;
    } else {
      ASSERT_TRUE(sender_.push({}, sequence));
    }
    number_ = number_.next();
    sender_.on_transmitted(sequence, number_);
    const bool arrives = random_.below(1000) >= loss_per_mille_;
    under_way_.push_back({sequence, number_, now_ + round_trip_, arrives});
    now_ += kFrameTime;  // the line is taken so long
  }

  void learn_outcome() {
    const Frame frame = under_way_.front();
    under_way_.pop_front();
    now_ = std::max(now_, frame.outcome_time);
    if (!frame.arrives) {
      if (protocol_ == Protocol::selective_repeat) {
        sender_.on_lost(frame.sequence, frame.number);
      } else if (frame.sequence == sender_.base()) {
        sender_.mark_all_lost();
      }
      return;
    }
    // A frame ahead of the window is not acknowledged.
    if (receiver_.accept(frame.sequence) == ReceiveWindow::Verdict::ahead) return;
    if (sender_.on_acked(frame.sequence)) ++delivered_;
  }

  Protocol protocol_;
  Duration round_trip_;
  std::uint64_t loss_per_mille_;
  SeededRandom random_;
  MemoryPool pool_;
  SendWindow sender_;
  ReceiveWindow receiver_;
  std::deque<Frame> under_way_;
  PacketNumber number_;
  TimePoint now_ = at(Duration(0));
  std::uint64_t delivered_ = 0;
};

/// The mean of `runs` runs with the seeds 1, 2, ...
double mean_utilisation(Protocol protocol, const Line& line, std::uint64_t runs) {
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    sum += IdealTransfer(protocol, line, seed).utilisation();
  }
  return sum / static_cast<double>(runs);
}

void expect_within(double actual, double expected, double percent) {
  EXPECT_NEAR(actual, expected, expected * percent / 100) << "more than " << percent << " % off";
}

struct Row {
  Line line;
  double stop_and_wait;
  double go_back_n;
  double selective_repeat;
  double spread_percent;  // of the table's own figure for selective repeat
  std::uint64_t runs;     // the rarer the losses, the more runs it takes
};

// The event simulation's table. Its last row is one run of some 200 losses, of which a seventh too
// many befell it: .635 and .733, where the means over many seeds are .665 and .755. So there
// go-back-N is held to the closed form, (1 - p) / (1 + 2ap), and selective repeat, which has none,
// to the table's figure with that run's spread added to the tolerance.
constexpr std::array<Row, 7> kRows{{
    {{0.1, 0, 7}, .8333, 1.0, 1.0, 0, 1},
    {{1, 10, 7}, .3299, .970, .990, 0, 2},
    {{5, 10, 7}, .0900, .599, .601, 0, 2},
    {{10, 50, 32}, .0453, .473, .800, 0, 2},
    {{50, 10, 127}, .0098, .492, .737, 0, 4},
    {{100, 100, 64}, .0045, .043, .150, 0, 2},
    {{250, 1, 512}, .0020, .666, .733, 2, 16},
}};

std::ostream& operator<<(std::ostream& out, const Line& line) {
  return out << "a = " << line.propagation << ", loss " << line.loss_per_mille
             << " per mille, window " << line.window;
}

TEST(WindowProtocolsTest, StopAndWaitMatchesItsTableWithinOnePercent) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(testing::Message() << row.line);
    const Line one{row.line.propagation, row.line.loss_per_mille, 1};
    const double arriving = 1 - static_cast<double>(one.loss_per_mille) / 1000;
    const double expected = arriving / (1 + 2 * one.propagation);
    expect_within(mean_utilisation(Protocol::go_back_n, one, 1), expected, 1);
    // The table rounds to four digits, which is more than 1 % of its smallest figures.
    EXPECT_NEAR(expected, row.stop_and_wait, 0.0002);
  }
}

TEST(WindowProtocolsTest, GoBackNMatchesItsTableWithinFourPercent) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(testing::Message() << row.line);
    const bool fills_the_line =
        static_cast<double>(row.line.window) >= 1 + 2 * row.line.propagation;
    expect_within(mean_utilisation(Protocol::go_back_n, row.line, row.runs), row.go_back_n,
                  fills_the_line ? 4 : 10);
  }
}

TEST(WindowProtocolsTest, SelectiveRepeatMatchesItsTableWithinThreePercent) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(testing::Message() << row.line);
    expect_within(mean_utilisation(Protocol::selective_repeat, row.line, row.runs),
                  row.selective_repeat, 3 + row.spread_percent);
  }
}

// A lost base stalls a finite window; windows of several times the line's length do not stall.
TEST(WindowProtocolsTest, SelectiveRepeatApproachesTheLossRateWithWiderWindows) {
  struct WidthRow {
    double propagation;
    std::uint64_t loss_per_mille;
    std::array<double, 5> utilisation;  // window = 1, 2, 3, 4, 6 times 2a + 1
  };
  constexpr std::array<WidthRow, 6> kWidthRows{{
      {1, 10, {.970, .989, .990, .990, .990}},
      {5, 10, {.904, .989, .990, .990, .990}},
      {10, 50, {.636, .915, .948, .950, .950}},
      {50, 10, {.653, .974, .989, .989, .989}},
      {100, 100, {.381, .649, .823, .885, .897}},
      {250, 1, {.744, .996, .996, .996, .996}},
  }};
  constexpr std::array<std::uint64_t, 5> kWidths{1, 2, 3, 4, 6};
  for (const WidthRow& row : kWidthRows) {
    for (std::size_t i = 0; i < kWidths.size(); ++i) {
      const auto length = static_cast<std::uint64_t>(1 + 2 * row.propagation);
      const Line line{row.propagation, row.loss_per_mille, kWidths[i] * length};
      SCOPED_TRACE(testing::Message() << line);
      expect_within(mean_utilisation(Protocol::selective_repeat, line, 1), row.utilisation[i], 3);
    }
  }
}

}  // namespace
}  // namespace hawser::test
