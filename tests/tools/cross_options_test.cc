#include "tools/hawser/cross_options.h"

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string complaint(std::string_view text) {
  try {
    parse_cross(text);
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return "none";
}

TEST(CrossOptionsTest, EveryKeyFindsItsPlace) {
  const CrossSpec spec =
      parse_cross("rate=5mbit,size=1000,on=1s,off=2s,start=3s,stop=4s,from=server,hops=2-3");
  EXPECT_EQ(spec.rate, Bandwidth::bits_per_second(5'000'000));
  EXPECT_EQ(spec.size, ByteCount(1000));
  EXPECT_EQ(spec.mean_on, 1s);
  EXPECT_EQ(spec.mean_off, 2s);
  EXPECT_EQ(spec.start, 3s);
  EXPECT_EQ(spec.stop, 4s);
  EXPECT_TRUE(spec.is_from_server);
  EXPECT_EQ(spec.hops, (HopRange{2, 3}));
}

TEST(CrossOptionsTest, WhatMakesNoSenseIsRefused) {
  EXPECT_THAT(complaint("size=1000"), HasSubstr("rate= is needed"));
  EXPECT_THAT(complaint("rate=1mbit,on=1s"), HasSubstr("on= and off= belong together"));
  EXPECT_THAT(complaint("rate=1mbit,start=2s,stop=2s"), HasSubstr("stop= must be later"));
  EXPECT_THAT(complaint("rate=1mbit,size=15"), HasSubstr("size: '15' is not accepted"));
  EXPECT_THAT(complaint("rate=1mbit,from=home"), HasSubstr("from: 'home' is not accepted"));
  EXPECT_THAT(complaint("speed=1mbit"), HasSubstr("unknown key 'speed': accepted are rate, size"));
}

TEST(CrossOptionsTest, HopsAreOneOrARange) {
  EXPECT_EQ(parse_hops("2"), (HopRange{2, 2}));
  EXPECT_EQ(parse_hops("1-3"), (HopRange{1, 3}));
  for (const char* wrong : {"", "0", "3-1", "1-", "-1", "a", "1-2-3"}) {
    EXPECT_FALSE(parse_hops(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace hawser::cli
