#include "tools/hawser/sim_options.h"

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string complaint(std::string_view arguments) {
  try {
    parse_simulation(arguments);
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return "none";
}

TEST(SimOptionsTest, EverythingFindsItsPlace) {
  const SimulationSpec spec = parse_simulation(
      "--rtt 60ms --flow mode=bulk --flow mode=messages,count=3 --duration 30s --warmup 5s --seed "
      "9 "
      "--batch 3 --receive-batch 7 --idle-timeout 2h --handshake-timeout 1h --keepalive 15s "
      "--datagram-size 1472 --datagram-limit 1400 --datagram-limit 2s:1252");
  EXPECT_EQ(spec.path.up.delay, 30ms);
  EXPECT_EQ(spec.flows.size(), 2U);
  EXPECT_EQ(spec.duration, 30s);
  EXPECT_EQ(spec.warmup, 5s);
  EXPECT_EQ(spec.seed, 9U);
  EXPECT_EQ(spec.batch, 3U);
  EXPECT_EQ(spec.receive_batch, 7U);
  EXPECT_EQ(spec.connection.idle_timeout, 2h);
  EXPECT_EQ(spec.connection.handshake_timeout, 1h);
  EXPECT_EQ(spec.connection.keepalive, 15s);
  EXPECT_EQ(spec.connection.datagram_size, ByteCount(1472));
  EXPECT_EQ(spec.connection.datagram_size_max, ByteCount(1472)) << "it is held there";
  ASSERT_EQ(spec.datagram_limits.size(), 2U);
  EXPECT_EQ(spec.datagram_limits[0].at, 0s);
  EXPECT_EQ(spec.datagram_limits[1].at, 2s);
  EXPECT_EQ(spec.datagram_limits[1].size, ByteCount(1252));
}

TEST(SimOptionsTest, APathOnWhichNothingCouldHappenIsRefused) {
  const std::string flow = "--flow bytes=1MB ";
  EXPECT_THAT(complaint(flow + "--mtu 1227"),
              HasSubstr("--mtu 1227: no connection begins with IP packets below 1228"));
  EXPECT_EQ(complaint(flow + "--mtu 1228"), "none");
  EXPECT_EQ(complaint(flow + "--mtu 900 --at 1s:mtu=1500"), "none") << "it may come about later";
  EXPECT_EQ(complaint(flow + "--mtu 1500 --at 1s:mtu=900"), "none") << "a black hole";
  EXPECT_EQ(complaint(flow + "--down-mtu 900"), "none");
  for (const char* misdelivery : {"--misdeliver 1%", "--at 1s:down-misdeliver=1% "}) {
    EXPECT_THAT(complaint(flow + misdelivery), HasSubstr("--misdeliver: there is nowhere else"));
    EXPECT_EQ(complaint(flow + flow + misdelivery), "none");
    EXPECT_EQ(complaint(flow + "--cross rate=1mbit " + misdelivery), "none");
    EXPECT_EQ(complaint(flow + "--rebind 1s " + misdelivery), "none") << "to where it was before";
  }
  EXPECT_THAT(complaint("--misdeliver 1% --flow connection=a,count=1 --flow connection=a,count=1"),
              HasSubstr("--misdeliver"));
}

TEST(SimOptionsTest, WhatCannotBeRunIsRefusedInOneLine) {
  EXPECT_THAT(complaint(""), HasSubstr("--flow: at least one flow is needed"));
  EXPECT_THAT(complaint("--flow mode=bulk"), HasSubstr("--flow 1: without an end of its own"));
  EXPECT_THAT(complaint("--flow mode=bulk,bytes=1MB --batch 65"),
              HasSubstr("--batch: '65' is not accepted: give a number of datagrams from 1 to 64"));
  EXPECT_THAT(complaint("--flow mode=bulk --duration 1s --warmup 1s"), HasSubstr("--warmup"));
  EXPECT_THAT(complaint("--flow mode=bulk,bytes=1MB --datagram-size-max 99"),
              HasSubstr("--datagram-size-max is 99 bytes; it must be 1200"));
  EXPECT_THAT(complaint("--flow mode=bulk,bytes=1MB --datagram-size 99"),
              HasSubstr("--datagram-size is 99 bytes; it must be 1200"));
  EXPECT_THAT(complaint("--flow mode=bulk,bytes=1MB --datagram-limit 2x:1252"),
              HasSubstr("--datagram-limit: '2x:1252' is not accepted"));
  for (const char* key :
       {"delay=1ms", "rate=1mbit", "rate=1mbit,queue=9p", "cwnd_max=1MiB", "send_window=9",
        "receive_window=1MiB", "fast_convergence=0", "spurious_undo=0", "hystart=0", "prr=0",
        "cwnd_min=2400", "cwnd_initial=9600"}) {
    const std::string flow = " --flow count=1,connection=a";
    const std::string name(key, std::string_view(key).find('='));
    EXPECT_THAT(complaint(flow + flow + "," + key),
                HasSubstr("--flow 2: " + name + "= is decided by the first flow of connection=a"));
    EXPECT_EQ(complaint(flow + "," + key + flow + flow + "," + key), "none");
  }
  EXPECT_THAT(complaint("--flow mode=bulk,bytes=1MB --qlog out"), HasSubstr("--qlog"));
  EXPECT_THAT(complaint("--flow mode=bulk,bytes=1MB --plan f.toml"), HasSubstr("--plan"));
}

}  // namespace
}  // namespace hawser::cli
