// The simulated tests of picoquic (picoquictest/, snapshot d199d45b) as scenarios. The limits are
// that source's own. README.md has the table, with what is reported instead of required.
//
// Its links count what is in the datagrams, ours 28 bytes more: rates times 1500/1472. Where it
// sets a rate in Mbit/s, a conversion makes that 1.0486 times as much; its default link runs at 10
// Mbit/s exactly. Its jitter J delays by J more on average, with a standard deviation of J/3; here
// datagrams overtake one another besides.

#include <algorithm>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"

namespace hawser::scenarios {
namespace {

double in_seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e9; }

// ---- Transfers ---------------------------------------------------------------------------------

struct Transfer {
  const char* name;
  double seconds_max;  ///< from the client's first datagram on
  const char* arguments;
};
std::ostream& operator<<(std::ostream& out, const Transfer& transfer) {
  return out << transfer.name;
}

/// To the last byte at its receiver; of question and answer to the end of the connection, since
/// completion is the last question's.
double seconds_taken(const ScenarioRun& run) {
  if (run.flow().mode == cli::TrafficMode::pingpong) return in_seconds(run.report().duration);
  return in_seconds(run.flow().completion.value_or(kForever));
}

class PicoquicTransferScenario : public testing::TestWithParam<Transfer> {};

TEST_P(PicoquicTransferScenario, EndsInTime) {
  const ScenarioRun run(GetParam().arguments);
  run.expect_all_delivered();
  EXPECT_LE(seconds_taken(run), GetParam().seconds_max);
}

constexpr Transfer kTransfers[] = {
    // congestion_test.c: four files of 1 MB, each asked for when the one before is there.
    {"P1Cubic", 3.50,
     "--delay 10ms --rate 10190kbit --queue 20ms "
     "--flow mode=pingpong,size=257,reply_size=1MB,count=4,cc=cubic"},
    {"P1Bbr", 3.50,
     "--delay 10ms --rate 10190kbit --queue 20ms "
     "--flow mode=pingpong,size=257,reply_size=1MB,count=4,cc=bbr"},
    {"P2Cubic", 3.55,
     "--delay 15ms --jitter 1667us --jitter-dist normal --rate 10190kbit --queue 30ms "
     "--flow mode=pingpong,size=257,reply_size=1MB,count=4,cc=cubic"},
    {"P2Bbr", 3.60,
     "--delay 15ms --jitter 1667us --jitter-dist normal --rate 10190kbit --queue 30ms "
     "--flow mode=pingpong,size=257,reply_size=1MB,count=4,cc=bbr"},
    // congestion_test.c: 10 MB, by BBR there.
    {"P3Bbr", 1.05,
     "--delay 13ms --jitter 1ms --jitter-dist normal --rate 106851kbit --queue 26ms "
     "--flow mode=bulk,size=1MB,bytes=10MB,channel=unordered,from=server,cc=bbr"},
    {"P3Cubic", 1.05,
     "--delay 13ms --jitter 1ms --jitter-dist normal --rate 106851kbit --queue 26ms --seed 2 "
     "--flow mode=bulk,size=1MB,bytes=10MB,channel=unordered,from=server,cc=cubic"},
    {"P4Bbr", 0.25,
     "--delay 6ms --jitter 667us --jitter-dist normal --rate 1068512kbit --queue 12ms "
     "--flow mode=bulk,size=1MB,bytes=10MB,channel=unordered,from=server,cc=bbr"},
    {"P4Cubic", 0.25,
     "--delay 6ms --jitter 667us --jitter-dist normal --rate 1068512kbit --queue 12ms "
     "--flow mode=bulk,size=1MB,bytes=10MB,channel=unordered,from=server,cc=cubic"},
    {"P13Cubic", 11,
     "--datagram-size 1472 --delay 300ms --rate 106851kbit --queue 600ms "
     "--flow mode=bulk,size=1MB,bytes=1MB,from=server,cwnd_max=64KiB,cc=cubic,"
     "connects_on_accept=1,resumed=1"},
    // high_latency_test.c. Its clients need no cookie, and its server speaks first.
    {"P5Cubic", 81,
     "--delay 303ms --jitter 1ms --jitter-dist normal --rate 1068512bit --queue 606ms "
     "--flow mode=bulk,size=1MB,bytes=10MB,channel=unordered,from=server,cc=cubic,"
     "connects_on_accept=1,resumed=1"},
    {"P6Cubic", 90,
     "--delay 1003ms --jitter 1ms --jitter-dist normal --rate 1068512bit --queue 2006ms "
     "--flow mode=bulk,size=1MB,bytes=10MB,channel=unordered,from=server,cc=cubic,"
     "connects_on_accept=1,resumed=1"},
    {"P6Bbr", 90,
     "--delay 1003ms --jitter 1ms --jitter-dist normal --rate 1068512bit --queue 2006ms "
     "--flow mode=bulk,size=1MB,bytes=10MB,channel=unordered,from=server,cc=bbr,"
     "connects_on_accept=1,resumed=1"},
    {"P8Bbr", 15,
     "--delay 15ms --rate 10685kbit --queue 30ms --blackout 5s-7s "
     "--flow mode=bulk,size=1MB,bytes=10MB,channel=unordered,from=server,cc=bbr"},
    {"P8Cubic", 15,
     "--delay 15ms --rate 10685kbit --queue 30ms --blackout 5s-7s "
     "--flow mode=bulk,size=1MB,bytes=10MB,channel=unordered,from=server,cc=cubic"},
    // cc_compete_test.c: 4 MB by CUBIC. A link that is off keeps what it has.
    {"P16Off", 6.0,
     "--delay 40ms --rate 10190kbit --queue 80ms --clog 2s-4s "
     "--flow mode=bulk,size=1MB,bytes=4MB,channel=unordered,from=server,cc=cubic"},
    {"P16Halved", 5.0,
     "--delay 40ms --rate 10190kbit --queue 80ms --at 2s:rate=5095kbit --at 4s:rate=10190kbit "
     "--flow mode=bulk,size=1MB,bytes=4MB,channel=unordered,from=server,cc=cubic"},
    {"P16HalfAtFirst", 5.5,
     "--delay 40ms --rate 5095kbit --queue 80ms --at 2500ms:rate=10190kbit "
     "--flow mode=bulk,size=1MB,bytes=4MB,channel=unordered,from=server,cc=cubic"},
    // tls_api_test.c: two packets in a row of each 64 in both directions, from the handshake on.
    {"P21", 2.21,
     "--delay 10ms --rate 10190kbit "
     "--loss-pattern 0000000000000000000001100000000000000000000000000000000000000000 "
     "--flow mode=bulk,size=20000,bytes=1MB,from=server,receive_window=128000"},
    {"P21Clean", 1.0,
     "--delay 10ms --rate 10190kbit "
     "--flow mode=bulk,size=20000,bytes=1MB,from=server,receive_window=128000"},
    {"P22", 0.075,
     "--delay 10ms --rate 10190kbit --flow mode=pingpong,size=257,reply_size=2000,count=1"},
    // high_latency_test.c.
    {"P23Cubic", 200,
     "--delay 5s --rate 10685kbit --queue 10s --handshake-timeout 60s --idle-timeout 300s "
     "--flow mode=bulk,size=1MB,bytes=100MB,channel=unordered,from=server,cc=cubic"},
};

INSTANTIATE_TEST_SUITE_P(Cases, PicoquicTransferScenario, testing::ValuesIn(kTransfers),
                         [](const auto& each) { return std::string(each.param.name); });

// ---- Windows that others set -------------------------------------------------------------------

struct Bounded {
  const char* controller;
  double seconds_max;
};

class PicoquicReceiveWindowScenario : public testing::TestWithParam<Bounded> {};

// P12: a receiver that grants 40 kB at a time; the window must not grow beyond use.
TEST_P(PicoquicReceiveWindowScenario, IsNotOutgrownByTheCongestionWindow) {
  const ScenarioRun run(
      fmt::format("--delay 300ms --rate 1068512bit --queue 600ms "
                  "--flow mode=bulk,size=1410,bytes=1MB,from=server,receive_window=40000,cc={}",
                  GetParam().controller));
  run.expect_all_delivered();
  EXPECT_LE(seconds_taken(run), GetParam().seconds_max);
  const double window =
      run.flow().cwnd_max_packets * static_cast<double>(run.flow().stats.datagram_size.value());
  EXPECT_LE(window, 120'000);
}

INSTANTIATE_TEST_SUITE_P(Controllers, PicoquicReceiveWindowScenario,
                         testing::Values(Bounded{"new_reno", 22}, Bounded{"cubic", 23.5},
                                         Bounded{"bbr", 21}),
                         [](const auto& each) { return std::string(each.param.controller); });

// P13: a cap of 64 KiB. Its 11 s take a path that is known to carry datagrams of 1472.
TEST(PicoquicWindowCapScenario, IsKept) {
  for (const char* controller : {"new_reno", "cubic", "bbr"}) {
    const ScenarioRun run(
        fmt::format("--delay 300ms --rate 106851kbit --queue 600ms "
                    "--flow mode=bulk,size=1MB,bytes=1MB,from=server,cwnd_max=64KiB,cc={}",
                    controller));
    run.expect_all_delivered();
    const double window =
        run.flow().cwnd_max_packets * static_cast<double>(run.flow().stats.datagram_size.value());
    EXPECT_LE(window, 68'000);
  }
}

// ---- Audio and video ---------------------------------------------------------------------------

struct Suspensions {
  const char* name;
  const char* delay;
  int count;  ///< of 150 ms each, one after the other, from 4 s on
  Duration mean_max;
  Duration max;
};
std::ostream& operator<<(std::ostream& out, const Suspensions& suspensions) {
  return out << suspensions.name;
}

class PicoquicMediaScenario : public testing::TestWithParam<Suspensions> {};

// mediatest.c, P20: ten seconds of audio and two videos on one connection; the frames that open a
// group of pictures are flows of their own here. Its second video is not judged.
std::string media(const char* controller) {
  std::string flows;
  for (const char* frames :
       {"size=32,interval=20ms,count=500", "size=2048,interval=33333us,count=300",
        "size=32768,interval=3333300us,count=3", "size=6144,interval=16666us,count=600",
        "size=65536,interval=1666600us,count=6"}) {
    flows += fmt::format(" --flow mode=messages,{},connection=media,cc={}", frames, controller);
  }
  return flows;
}

// What was held back arrives in the millisecond in between.
std::string suspensions(int count) {
  std::string options;
  for (int i = 0; i < count; ++i) {
    options += fmt::format(" --clog {}ms-{}ms", 4000 + 150 * i, 4149 + 150 * i);
  }
  return options;
}

TEST_P(PicoquicMediaScenario, FramesArriveSoon) {
  const Suspensions& row = GetParam();
  for (const char* controller : {"bbr", "cubic"}) {
    const ScenarioRun run(fmt::format("--delay {} --rate 10190kbit{}{}", row.delay,
                                      suspensions(row.count), media(controller)));
    run.expect_all_delivered();
    const cli::LatencyStats& audio = run.flow(0).latency;
    const cli::LatencyStats& frames = run.flow(1).latency;
    const cli::LatencyStats& groups = run.flow(2).latency;
    EXPECT_LE(audio.mean(), row.mean_max);
    EXPECT_LE((frames.mean() * 300 + groups.mean() * 3) / 303, row.mean_max);
    EXPECT_LE(std::max({audio.max(), frames.max(), groups.max()}), row.max);
  }
}

using std::chrono::milliseconds;

INSTANTIATE_TEST_SUITE_P(
    Suspensions, PicoquicMediaScenario,
    testing::Values(Suspensions{"One", "10ms", 1, milliseconds(50), milliseconds(300)},
                    Suspensions{"Twenty", "15ms", 20, milliseconds(60), milliseconds(350)}),
    [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace hawser::scenarios
