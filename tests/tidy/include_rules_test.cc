#include <gmock/gmock.h>

#include "tests/tidy/rules.h"

namespace hawser::tidy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

SourceTree one_file(std::string path, std::string text) {
  return {{{std::move(path), std::move(text)}}, {}};
}

/// The findings where the file at `path` includes `target` in quotes.
Findings layers(std::string path, const std::string& target) {
  return check_layers(one_file(std::move(path), "#pragma once\n#include \"" + target + "\"\n"));
}

Findings system_includes(std::string path, const std::string& target) {
  return check_system_includes(one_file(std::move(path), "#include <" + target + ">\n"));
}

TEST(CheckLayersTest, NamesTheFileTheLineAndTheRule) {
  EXPECT_THAT(
      layers("arq/a.cc", "congestion/b.h"),
      ElementsAre(Finding{"arq/a.cc", 2,
                          "includes \"congestion/b.h\"; arq may include only hawser/, arq/"}));
}

TEST(CheckLayersTest, ArqAndCongestionKnowThemselvesAndTheVocabularyAlone) {
  for (const std::string path : {"arq/a.h", "congestion/a.h", "congestion/bbr/a.h"}) {
    const std::string own = path.substr(0, path.find('/'));
    EXPECT_THAT(layers(path, "hawser/units.h"), IsEmpty()) << path;
    EXPECT_THAT(layers(path, own + "/b.h"), IsEmpty()) << path;
    EXPECT_EQ(layers(path, "transport/wire/b.h").size(), 1U) << path;
  }
  EXPECT_EQ(layers("congestion/a.h", "arq/b.h").size(), 1U);
}

TEST(CheckLayersTest, TransportLooksDownwardsOnly) {
  EXPECT_THAT(layers("transport/endpoint/a.cc", "transport/connection/b.h"), IsEmpty());
  EXPECT_THAT(layers("transport/connection/a.cc", "transport/wire/b.h"), IsEmpty());
  EXPECT_THAT(layers("transport/connection/a.cc", "arq/b.h"), IsEmpty());
  EXPECT_EQ(layers("transport/wire/a.cc", "transport/connection/b.h").size(), 1U);
  EXPECT_EQ(layers("transport/wire/a.cc", "transport/endpoint/b.h").size(), 1U);
  EXPECT_EQ(layers("transport/connection/a.cc", "transport/endpoint/b.h").size(), 1U);
  EXPECT_EQ(layers("transport/endpoint/a.cc", "transport/uv/b.h").size(), 1U);
  EXPECT_EQ(layers("transport/error.cc", "transport/wire/b.h").size(), 1U);
}

TEST(CheckLayersTest, TheRimSeesTheWholeTransportAndNoTool) {
  EXPECT_THAT(layers("transport/uv/a.cc", "transport/endpoint/b.h"), IsEmpty());
  EXPECT_EQ(layers("transport/uv/a.cc", "tools/netsim/b.h").size(), 1U);
}

TEST(CheckLayersTest, ToolsBenchmarksAndTestsStandOnTop) {
  EXPECT_THAT(layers("tools/hawser/a.cc", "tools/netsim/b.h"), IsEmpty());
  EXPECT_THAT(layers("bench/a.cc", "transport/wire/b.h"), IsEmpty());
  EXPECT_THAT(layers("bench/a.cc", "tools/examples/b.h"), IsEmpty());
  EXPECT_THAT(layers("tests/arq/a.cc", "tests/support/b.h"), IsEmpty());
  EXPECT_EQ(layers("tools/netsim/a.cc", "tools/hawser/b.h").size(), 1U);
  EXPECT_EQ(layers("bench/a.cc", "tests/support/b.h").size(), 1U);
}

TEST(CheckLayersTest, ExamplesUseThePublicInterfaceAlone) {
  EXPECT_THAT(layers("tools/examples/a.cc", "hawser/endpoint.h"), IsEmpty());
  EXPECT_EQ(layers("tools/examples/a.cc", "arq/b.h").size(), 1U);
}

TEST(CheckLayersTest, PublicHeadersIncludeNothingOfOurs) {
  EXPECT_THAT(layers("include/hawser/a.h", "hawser/b.h"), IsEmpty());
  EXPECT_EQ(layers("include/hawser/a.h", "arq/b.h").size(), 1U);
}

TEST(CheckPublicIncludesTest, AllowsTheStandardLibraryAlone) {
  const auto findings = [](const std::string& target) {
    return check_public_includes(one_file("include/hawser/a.h", "#include <" + target + ">\n"));
  };
  EXPECT_THAT(findings("vector"), IsEmpty());
  EXPECT_THAT(findings("stdint.h"), IsEmpty());
  EXPECT_EQ(findings("uv.h").size(), 1U);
  EXPECT_EQ(findings("boost/crc.hpp").size(), 1U);
  EXPECT_EQ(findings("sys/socket.h").size(), 1U);
}

TEST(CheckSystemIncludesTest, KeepsTheLoopAndTheSystemAtTheRim) {
  for (const std::string target : {"uv.h", "sys/socket.h", "netinet/udp.h", "unistd.h"}) {
    EXPECT_EQ(system_includes("transport/endpoint/a.cc", target).size(), 1U) << target;
    EXPECT_EQ(system_includes("tools/netsim/a.cc", target).size(), 1U) << target;
    EXPECT_EQ(system_includes("tests/arq/a.cc", target).size(), 1U) << target;
    EXPECT_THAT(system_includes("transport/uv/a.cc", target), IsEmpty()) << target;
    EXPECT_THAT(system_includes("tests/transport/uv/a.cc", target), IsEmpty()) << target;
  }
}

TEST(CheckSystemIncludesTest, ExamplesMayRunALoopButNotTheSystem) {
  EXPECT_THAT(system_includes("tools/examples/a.cc", "uv.h"), IsEmpty());
  EXPECT_EQ(system_includes("tools/examples/a.cc", "unistd.h").size(), 1U);
}

TEST(CheckSystemIncludesTest, LetsTheProcessorBeAsked) {
  EXPECT_THAT(system_includes("transport/wire/checksum.cc", "sys/auxv.h"), IsEmpty());
}

}  // namespace
}  // namespace hawser::tidy
