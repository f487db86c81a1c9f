#include "tools/hawser/value_text.h"

#include <gtest/gtest.h>

#include "hawser/congestion_controller.h"

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;
using netsim::Probability;

TEST(ValueTextTest, ReadsDurations) {
  EXPECT_EQ(parse_duration("0"), 0ns);
  EXPECT_EQ(parse_duration("7ns"), 7ns);
  EXPECT_EQ(parse_duration("250us"), 250us);
  EXPECT_EQ(parse_duration("30ms"), 30ms);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("0.000000001s"), 1ns);
  EXPECT_EQ(parse_duration("2min"), 2min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("10000h"), 10000h);
}

TEST(ValueTextTest, RefusesOtherDurations) {
  for (const char* text : {"", "30", "ms", "-5ms", "+5ms", "5 ms", "5msx", "1e3ms", ".5s", "5.s",
                           "1.5ns", "10001h", "nan", "1.2.3s", "9999999999999999s", "1,5s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(ValueTextTest, ReadsSizes) {
  EXPECT_EQ(parse_size("0"), ByteCount(0));
  EXPECT_EQ(parse_size("1200"), ByteCount(1200));
  EXPECT_EQ(parse_size("1200B"), ByteCount(1200));
  EXPECT_EQ(parse_size("64KiB"), ByteCount(65536));
  EXPECT_EQ(parse_size("64kib"), ByteCount(65536));
  EXPECT_EQ(parse_size("10MB"), ByteCount(10'000'000));
  EXPECT_EQ(parse_size("16MiB"), ByteCount(16 << 20));
  EXPECT_EQ(parse_size("1.5GB"), ByteCount(1'500'000'000));
  EXPECT_EQ(parse_size("1.5KiB"), ByteCount(1536));
}

TEST(ValueTextTest, RefusesOtherSizes) {
  for (const char* text :
       {"", "B", "-1", "1.5", "1.0001kB", "12bits", "64Ki", "9999999GB", "0x10"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(ValueTextTest, ReadsRates) {
  EXPECT_EQ(parse_rate("1bit"), Bandwidth::bits_per_second(1));
  EXPECT_EQ(parse_rate("64kbit"), Bandwidth::bits_per_second(64'000));
  EXPECT_EQ(parse_rate("100mbit"), Bandwidth::bits_per_second(100'000'000));
  EXPECT_EQ(parse_rate("1.5Mbit"), Bandwidth::bits_per_second(1'500'000));
  EXPECT_EQ(parse_rate("1gbit"), Bandwidth::bits_per_second(1'000'000'000));
}

TEST(ValueTextTest, RefusesOtherRates) {
  for (const char* text :
       {"", "0", "0bit", "100", "100mbps", "-1mbit", "0.5bit", "9999999999gbit"}) {
    EXPECT_EQ(parse_rate(text), std::nullopt) << text;
  }
}

TEST(ValueTextTest, ReadsProbabilities) {
  EXPECT_EQ(parse_probability("0"), Probability());
  EXPECT_EQ(parse_probability("1%"), Probability::percent(1));
  EXPECT_EQ(parse_probability("0.01"), Probability::percent(1));
  EXPECT_EQ(parse_probability("0.5%"), Probability::ratio(5, 1000));
  EXPECT_EQ(parse_probability("1"), Probability::certain());
  EXPECT_EQ(parse_probability("100%"), Probability::certain());
  EXPECT_EQ(parse_probability("100.0%"), Probability::certain());
}

TEST(ValueTextTest, RefusesOtherProbabilities) {
  for (const char* text :
       {"", "%", "150%", "100.0001%", "1.01", "2", "-1%", "1 %", "1%%", "half"}) {
    EXPECT_EQ(parse_probability(text), std::nullopt) << text;
  }
}

TEST(ValueTextTest, ReadsNumbers) {
  EXPECT_EQ(parse_number("0"), 0U);
  EXPECT_EQ(parse_number("123456789012345"), 123456789012345U);
  for (const char* text : {"", "-1", "1.0", "1k", "9999999999999999", "0x1"}) {
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
  }
}

TEST(ValueTextTest, ReadsQueueLimitsInThreeWays) {
  using netsim::QueueLimit;
  EXPECT_EQ(parse_queue_limit("0p"), QueueLimit{.packets = 0});
  EXPECT_EQ(parse_queue_limit("64KiB"), QueueLimit{.bytes = ByteCount(65'536)});
  EXPECT_EQ(parse_queue_limit("20ms"), QueueLimit{.time = std::chrono::milliseconds(20)});
  for (const char* text : {"", "p", "1.5p", "100", "0", "1bdp", "-1b", "20"}) {
    EXPECT_EQ(parse_queue_limit(text), std::nullopt) << text;
  }
}

TEST(ValueTextTest, WritesWhatItReads) {
  for (const char* text : {"0s", "7ns", "250us", "30ms", "1.5s", "1.234567891s", "90s", "2h"}) {
    EXPECT_EQ(format_duration(parse_duration(text).value()), text);
  }
  for (const char* text : {"0", "1200", "64KiB", "10MB", "1500kB", "16MiB", "3GB", "1GiB"}) {
    EXPECT_EQ(format_size(parse_size(text).value()), text);
  }
  for (const char* text : {"1bit", "64kbit", "100mbit", "1.5mbit", "1gbit", "2.5gbit"}) {
    EXPECT_EQ(format_rate(parse_rate(text).value()), text);
  }
  EXPECT_EQ(format_rate(Bandwidth::infinite()), "unlimited");
  for (const char* text : {"0%", "1%", "0.5%", "33.333%", "100%", "0.0001%"}) {
    EXPECT_EQ(format_probability(parse_probability(text).value()), text);
  }
}

TEST(ValueTextTest, ARefusalNamesTheValueAndWhatIsAccepted) {
  EXPECT_EQ(refusal("30x", kDurationForm),
            "'30x' is not accepted: give a duration such as 250us, 30ms, 1.5s or 2h");
}

TEST(ValueTextTest, AControllerIsNamedAsTheLibraryNamesIt) {
  std::string names(controller_form());
  for (const CongestionControllerFactory& factory : congestion_controllers()) {
    EXPECT_EQ(parse_controller(factory.name), factory.name);
    EXPECT_NE(names.find(factory.name), std::string::npos) << names;
  }
  EXPECT_EQ(names.find("cubic, new_reno"), 0U) << names;
  EXPECT_NE(names.find(" or "), std::string::npos) << names;
  for (const char* text : {"", "Cubic", "cubic,", "tahoe"}) {
    EXPECT_FALSE(parse_controller(text)) << text;
  }
}

TEST(ValueTextTest, AHostComesWithAPortThatIsNotZero) {
  for (const char* text : {"127.0.0.1:9000", "[::1]:9000", "example.org:1", "a:65535"}) {
    EXPECT_EQ(parse_host_port(text), text);
  }
  for (const char* text : {"", ":", "example.org", ":9000", "example.org:", "example.org:0",
                           "example.org:65536", "example.org:9000x", "example.org:-1", "::1",
                           "::1:9000", "[::1]", "[::1:9000", "::1]:9000", "[example.org]:9000"}) {
    EXPECT_FALSE(parse_host_port(text)) << text;
  }
}

}  // namespace
}  // namespace hawser::cli
