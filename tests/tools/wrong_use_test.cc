// Whatever is wrong is said in one line that names the value and the way out.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/command_line.h"
#include "transport/wire/checksum.h"
#include "transport/wire/codec.h"
#include "transport/wire/packet_layout.h"

namespace hawser::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// One line on standard error, nothing on standard output.
void expect_refusal(const CommandResult& result, int exit_code, const std::string& part) {
  EXPECT_EQ(result.exit_code, exit_code);
  EXPECT_THAT(result.output, IsEmpty());
  EXPECT_THAT(result.errors, StartsWith("hawser"));
  EXPECT_THAT(result.errors, HasSubstr(part));
  EXPECT_EQ(std::ranges::count(result.errors, '\n'), 1) << result.errors;
}

// ---- Arguments ----------------------------------------------------------------------------------

struct WrongUse {
  std::string_view arguments;
  std::string_view answer;
};
std::ostream& operator<<(std::ostream& out, const WrongUse& use) {
  return out << "hawser " << use.arguments;
}

class WrongUseTest : public testing::TestWithParam<WrongUse> {};

TEST_P(WrongUseTest, IsAnsweredInOneLineThatNamesTheValue) {
  const CommandResult result = run_tool(std::string(GetParam().arguments));
  expect_refusal(result, 2, std::string(GetParam().answer));
  EXPECT_THAT(result.errors, HasSubstr("--help)")) << "the way out";
}

constexpr WrongUse kCommands[] = {
    {"", "a command is missing: give sim, demo, perf, netem, decode, trace"},
    {"teleport", "unknown command 'teleport': give sim, demo"},
    {"--bogus", "unknown option '--bogus'"},
    {"perf", "a command is missing: give server, client"},
    {"perf race", "unknown command 'race': give server, client"},
};
INSTANTIATE_TEST_SUITE_P(Commands, WrongUseTest, testing::ValuesIn(kCommands));

// Options of later versions are as unknown as any.
constexpr WrongUse kSim[] = {
    {"sim", "--flow: at least one flow is needed"},
    {"sim --bogus", "hawser sim: unknown option '--bogus'"},
    {"sim --report /missing/a.html --flow bytes=1MB",
     "--report /missing/a.html: cannot be written"},
    {"sim --report '' --flow bytes=1MB", "--report: '' is not accepted: give a path"},
    {"sim --qlog /dev/null --flow bytes=1MB", "--qlog /dev/null: cannot be written"},
    {"sim --pcap / --flow bytes=1MB", "--pcap /: cannot be written: Is a directory"},
    {"sim --pcap /dev/full --flow bytes=1MB", "--pcap /dev/full: cannot be written: No space left"},
    {"sim --report a.html --pcap ./a.html --flow bytes=1MB", "--pcap: it is the file of --report"},
    {"sim --up-loss 1% --up-loss 2% --flow bytes=1MB", "--up-loss: given 2 times: give it once"},
    {"sim --plan nowhere.toml", "nowhere.toml: cannot be read"},
    {"sim --netem \"delay 5 apples\" --flow bytes=1MB",
     "--netem: 'delay 5 apples': 'apples' is no word of netem: give limit, delay"},
    {"sim --netem \"delay 30ms\" --loss 1% --flow bytes=1MB",
     "--loss: --netem takes its place: say it in netem's words"},
    {"sim swarm --seeds 9-1", "--seeds: '9-1' is not accepted"},
    {"sim --loss", "--loss"},
    {"sim --flow count=1 --pause 2s", "--pause: '2s' is not accepted: give two durations"},
    {"sim --flow count=1 --client-clock-drift fast", "--client-clock-drift: 'fast' is not"},
    {"sim --flow count=1 --send-block 110%", "--send-block: '110%' is not accepted"},
    {"sim --flow count=1 --server-clock-jump 5s", "--server-clock-jump: '5s' is not accepted"},
    {"sim --flow count=1 --hops 0", "--hops: '0' is not accepted: give a whole number from 1"},
    {"sim --flow count=1,hops=2", "--flow: hops=2-2: there are 1: give --hops 2 or more"},
    {"sim --flow count=1,copies=0", "copies: '0' is not accepted"},
    {"sim --flow count=1,copies=2,connection=a", "copies= are flows on connections of their own"},
    {"sim --flow count=1,delay_step=1ms", "delay_step= is for copies="},
    {"sim --flow count=1 --cross size=100", "--cross: rate= is needed"},
    {"sim --loss 120% --flow bytes=1MB", "--loss: '120%' is not accepted"},
    {"sim --rtt 30 --flow bytes=1MB", "--rtt: '30' is not accepted: give a duration"},
    {"sim --rtt -3ms --flow bytes=1MB", "--rtt: '-3ms' is not accepted"},
    {"sim --rtt 60ms --rtt 5ms --flow bytes=1MB", "--rtt"},
    {"sim --jitter 1ms --jitter-dist cauchy --flow bytes=1MB", "give uniform, normal, pareto or"},
    {"sim --reorder 1% --reorder-depth 1001 --flow bytes=1MB", "--reorder-depth: '1001' is not"},
    {"sim --reorder 1% --reorder-delay x --flow bytes=1MB", "--reorder-delay: 'x' is not"},
    {"sim --reorder 1% --reorder-depth 3 --reorder-delay 1ms --flow bytes=1MB",
     "--reorder-depth excludes --reorder-delay"},
    {"sim --loss-state 60%,1%,1%,1%,50% --flow bytes=1MB", "P13 + P14 and P31 + P32 at most 100%"},
    {"sim --loss 1% --loss-burst-max 0 --flow bytes=1MB", "--loss-burst-max: '0' is not accepted"},
    {"sim --loss-burst-max 2 --flow bytes=1MB", "it has no effect without --loss or --loss-ge"},
    {"sim --replay 101% --flow bytes=1MB", "--replay: '101%' is not accepted: give a probability"},
    {"sim --replay-age 5s --flow bytes=1MB", "--replay-age: it has no effect without --replay"},
    {"sim --corrupt 1% --corrupt-burst 0 --flow bytes=1MB", "--corrupt-burst: '0' is not accepted"},
    {"sim --truncate 2 --flow bytes=1MB", "--truncate: '2' is not accepted: give a probability"},
    {"sim --extend -1% --flow bytes=1MB", "--extend: '-1%' is not accepted: give a probability"},
    {"sim --misdeliver all --flow bytes=1MB", "--misdeliver: 'all' is not accepted: give a prob"},
    {"sim --misdeliver 1% --flow bytes=1MB", "--misdeliver: there is nowhere else to go"},
    {"sim --mtu 1000 --flow bytes=1MB", "--mtu 1000: no connection begins with IP packets below"},
    {"sim --reorder 1% --flow bytes=1MB", "--reorder: it has no effect without --rtt or --delay"},
    {"sim --at 1s:queue=9p --flow bytes=1MB", "--at 1s:queue=9p: it has no effect without --rate"},
    {"sim --clog 7s-5s --flow bytes=1MB", "--clog: '7s-5s' is not accepted: give two durations"},
    {"sim --clog-every 1ns --clog-for 1s --flow bytes=1MB", "--clog-every: '1ns' is not accepted"},
    {"sim --clog-every 1s --flow bytes=1MB", "it has no effect without --clog-for"},
    {"sim --clog-for 1s --flow bytes=1MB", "--clog-for: it has no effect without --clog-every"},
    {"sim --rate 0 --flow bytes=1MB", "--rate: '0' is not accepted"},
    {"sim --queue 1bdp --flow bytes=1MB", "give --rate and --rtt too"},
    {"sim --mtu 10 --flow bytes=1MB", "--mtu: '10' is not accepted"},
    {"sim --aqm pie --rate 1mbit --flow bytes=1MB", "--aqm: 'pie' is not accepted: give drop_tail"},
    {"sim --aqm codel --flow bytes=1MB", "--aqm: it has no effect without --rate"},
    {"sim --police 10 --flow bytes=1MB", "--police: '10' is not accepted: give a rate"},
    {"sim --up-slot 5 --flow bytes=1MB", "--up-slot: '5' is not accepted: give a duration"},
    {"sim --aggregate 5ms --flow bytes=1MB", "--aggregate: '5ms' is not accepted: give a size"},
    {"sim --trace /nowhere --flow bytes=1MB", "--trace: '/nowhere' cannot be read"},
    {"sim --at 1s:up-trace=/nowhere --flow bytes=1MB", "--at: '/nowhere' cannot be read"},
    {"sim --trace /dev/null --rate 1mbit --flow bytes=1MB", "/dev/null:0: a trace is from 1 to"},
    {"trace /nowhere", "hawser trace: file: '/nowhere' cannot be read: give the name"},
    {"trace", "file is required"},
    {"sim --at 5s:speed=3 --flow bytes=1MB", "--at: 'speed'"},
    {"sim --batch 65 --flow bytes=1MB", "--batch: '65' is not accepted"},
    {"sim --seed 9999999999999999 --flow bytes=1MB", "--seed: '9999999999999999'"},
    {"sim --duration 0 --flow bytes=1MB", "--duration: it must be above zero"},
    {"sim --duration 3s --warmup 5s --flow bytes=1MB", "--warmup 5s: it must be shorter"},
    {"sim --warmup 5s --flow bytes=1MB", "--warmup: 5s leaves nothing of a run that ended at"},
    {"sim --up-rtt 5ms --up-delay 5ms --flow bytes=1MB", "--up-rtt excludes --up-delay"},
    {"sim --handshake-timeout 0 --flow bytes=1MB", "--handshake-timeout is 0"},
    {"sim --datagram-size 70000 --flow bytes=1MB", "--datagram-size is 70000 bytes"},
    {"sim --flow mode=bulk", "--flow 1: without an end of its own"},
    {"sim --flow mode", "--flow: mode: '' is not accepted: give bulk"},
    {"sim --flow bytes=1MB,deadline=3s", "unknown key 'deadline': accepted are mode"},
    {"sim --flow bytes=1MB,cc=tahoe", "cc: 'tahoe' is not accepted: give cubic, new_reno"},
    {"sim --flow bytes=1MB,loss_threshold=5", "loss_threshold= is for cc=bbr"},
    {"sim --flow bytes=1MB,cc=bbr,loss_threshold=51", "loss_threshold: '51' is not accepted"},
    {"sim --flow size=1,count=1,connection=a,receive_window=64KiB --flow "
     "count=1,size=64KiB,connection=a",
     "--flow 2: messages of 64KiB need receive_window=65600 or more"},
    {"sim --flow count=1,size=17MiB", "size: '17MiB' is not accepted: give a size from 0 to 16MiB"},
};
INSTANTIATE_TEST_SUITE_P(Sim, WrongUseTest, testing::ValuesIn(kSim));

constexpr WrongUse kDemo[] = {
    {"demo --count 0", "--count: '0' is not accepted"},
    {"demo --size 2000", "--size: '2000' is not accepted: give a size from 24 to 1400"},
    {"demo --flow mode=bulk", "unknown option '--flow'"},
    {"demo --report out.html", "unknown option '--report'"},
    {"demo --idle-timeout 1ns", "--idle-timeout is 1 ns"},
};
INSTANTIATE_TEST_SUITE_P(Demo, WrongUseTest, testing::ValuesIn(kDemo));

constexpr WrongUse kPerf[] = {
    {"perf client", "hawser perf client: target is required"},
    {"perf client 127.0.0.1", "target: '127.0.0.1' is not accepted: give a host and a port"},
    {"perf client 127.0.0.1:0", "target: '127.0.0.1:0'"},
    {"perf client 127.0.0.1:99999", "target: '127.0.0.1:99999'"},
    {"perf client ::1", "target: '::1'"},
    {"perf client x:1 --report out.html", "hawser perf client: unknown option '--report'"},
    {"perf client x:1 --mode sprint", "--mode: 'sprint' is not accepted: give bulk, messages"},
    {"perf client x:1 --driver abacus", "--driver: 'abacus' is not accepted"},
    {"perf client x:1 --channel latest", "--channel: 'latest' is not accepted"},
    {"perf client x:1 --cc tahoe", "--cc: 'tahoe' is not accepted"},
    {"perf client x:1 --size 17MiB", "--size: '17MiB' is not accepted: give a size from 0 to"},
    {"perf client x:1 --seconds soon", "--seconds: 'soon' is not accepted"},
    {"perf client x:1 --interval 5ms", "--interval: --mode bulk does not use it: it is for mess"},
    {"perf client x:1 --mode flood --interval 5ms", "--interval: --mode flood does not use it"},
    {"perf client x:1 --mode idle --interval 5ms", "--interval: --mode idle does not use it"},
    {"perf client x:1 --mode idle --size 5", "--size: --mode idle does not use it"},
    {"perf client x:1 --mode idle --count 5", "--count: --mode idle does not use it"},
    {"perf client x:1 --mode idle --channel ordered", "--channel: --mode idle does not use it"},
    {"perf client x:1 --count 0", "--count: '0' is not accepted"},
    {"perf server", "hawser perf server: --port is required"},
    {"perf server --port 70000", "--port: '70000' is not accepted"},
    {"perf server --port 0 --bind nowhere", "--bind: 'nowhere' is not accepted"},
    {"perf server --port 0 --qlog folder", "unknown option '--qlog'"},
};
INSTANTIATE_TEST_SUITE_P(Perf, WrongUseTest, testing::ValuesIn(kPerf));

constexpr WrongUse kOthers[] = {
    {"netem", "--listen and --to are needed"},
    {"netem --listen here --to there:1", "--listen: 'here' is not accepted"},
    {"netem --listen 127.0.0.1:0 --to there", "--to: 'there' is not accepted: give a host"},
    {"netem --listen 127.0.0.1:0 --to a:1 --clients 0", "--clients: '0' is not accepted"},
    {"netem --listen 127.0.0.1:0 --to a:1 --stats 1ms", "--stats: '1ms' is not accepted"},
    {"netem --self-test --netem \"loss 200%\"",
     "--netem: 'loss 200%': 'loss' wants a percentage from 0 to 100"},
    {"netem --self-test --loss 200%", "--loss: '200%' is not accepted"},
    {"netem --trace file", "--trace: 'file' cannot be read"},
    {"decode", "input is required"},
    {"decode xyz", "input: 'xyz' is not accepted: give hexadecimal digits or a readable file"},
    {"decode /", "input: '/' is not accepted"},
    {"decode 00 --ids 1,2", "--ids: '1,2' is not accepted"},
    {"decode 00 --report out.html", "unknown option '--report'"},
};
INSTANTIATE_TEST_SUITE_P(Others, WrongUseTest, testing::ValuesIn(kOthers));

// ---- The other end ------------------------------------------------------------------------------

// A UDP socket that takes everything and says nothing.
class SilentPeer {
 public:
  SilentPeer() : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&any), sizeof any), 0);
    socklen_t size = sizeof any;
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&any), &size), 0);
    port_ = ntohs(any.sin_port);
  }
  ~SilentPeer() { ::close(socket_); }
  SilentPeer(const SilentPeer&) = delete;
  SilentPeer& operator=(const SilentPeer&) = delete;

  int socket() const { return socket_; }
  std::uint16_t port() const { return port_; }
  std::string address() const { return fmt::format("127.0.0.1:{}", port_); }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

// A VERSION packet that offers only a version of the far future (WIRE_FORMAT s5).
std::vector<std::uint8_t> answer_with_another_version(std::span<const std::uint8_t> init) {
  std::vector<std::uint8_t> answer(200);
  const auto view = wire::parse_packet(init, 8);
  if (!view) return {};
  answer.resize(wire::write_version(answer, view->source_id, view->destination_id));
  const auto body = std::span(answer).first(answer.size() - wire::kChecksumSize);
  std::ranges::fill(body.last(4), std::uint8_t{0x7F});
  wire::write_trailer(std::span(answer).last<wire::kChecksumSize>(), wire::crc32c(body));
  return answer;
}

TEST(UnreachableTest, AClosedPortGives3AfterTheHandshakeTimeout) {
  std::uint16_t port = SilentPeer().port();
  expect_refusal(run_tool(fmt::format("perf client 127.0.0.1:{} --handshake-timeout 200ms", port)),
                 3,
                 fmt::format("cannot connect to 127.0.0.1:{}: handshake_timeout after 20", port));
}

TEST(UnreachableTest, ASilentHostGives3AfterTheHandshakeTimeout) {
  const SilentPeer peer;
  for (const char* driver : {"linux", "portable"}) {
    expect_refusal(run_tool(fmt::format("perf client {} --handshake-timeout 200ms --driver {}",
                                        peer.address(), driver)),
                   3, "cannot connect to " + peer.address() + ": handshake_timeout after 20");
  }
}

TEST(UnreachableTest, AnInterruptEndsTheWaitForASilentHost) {
  const SilentPeer peer;
  const CommandResult result =
      run_script("timeout --preserve-status -s INT 1 \"$HAWSER\" perf client " + peer.address() +
                 " --handshake-timeout 60s --json");
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_EQ(result.json()["messages_sent"], 0) << "the summary so far";
}

TEST(UnreachableTest, AHostWithoutAnAddressGives3) {
  expect_refusal(run_tool("perf client nowhere.invalid:9 --handshake-timeout 200ms"), 3,
                 "cannot reach nowhere.invalid:9: the host name cannot be resolved");
  expect_refusal(run_tool("netem --listen 127.0.0.1:0 --to nowhere.invalid:9"), 3,
                 "--to: cannot find 'nowhere.invalid:9'");
}

TEST(UnreachableTest, AServerOfAnotherVersionIsNamedAsSuch) {
  const SilentPeer peer;
  std::thread server([socket = peer.socket()] {
    std::array<std::uint8_t, 2000> init{};
    sockaddr_in from{};
    socklen_t size = sizeof from;
    auto* address = reinterpret_cast<sockaddr*>(&from);
    const ssize_t got = ::recvfrom(socket, init.data(), init.size(), 0, address, &size);
    if (got <= 0) return;
    const auto answer =
        answer_with_another_version(std::span(init).first(static_cast<std::size_t>(got)));
    EXPECT_GT(::sendto(socket, answer.data(), answer.size(), 0, address, size), 0);
  });
  const CommandResult result = run_tool("perf client " + peer.address());
  expect_refusal(result, 3, "cannot connect to " + peer.address() + ": version_mismatch");
  EXPECT_THAT(result.errors, HasSubstr("run the same version of hawser at both ends"));
  ::shutdown(peer.socket(), SHUT_RDWR);  // should no INIT have come
  server.join();
}

TEST(PortInUseTest, IsNamedWithTheWayOut) {
  const SilentPeer peer;
  expect_refusal(run_tool(fmt::format("perf server --bind 127.0.0.1 --port {}", peer.port())), 2,
                 "cannot listen on " + peer.address());
  expect_refusal(run_tool("netem --to 127.0.0.1:9 --listen " + peer.address()), 2,
                 "cannot listen on " + peer.address());
}

}  // namespace
}  // namespace hawser::cli
