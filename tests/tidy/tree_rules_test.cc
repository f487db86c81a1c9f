#include <gmock/gmock.h>

#include "tests/tidy/rules.h"

namespace hawser::tidy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The rule's view of which files are dead, without the reasons.
std::vector<std::string> dead_files(std::vector<SourceFile> files) {
  std::vector<std::string> paths;
  for (const Finding& finding : check_dead_files({std::move(files), {}})) {
    paths.push_back(finding.path);
  }
  return paths;
}

TEST(CheckDeadFilesTest, FindsSourcesThatNoListNames) {
  EXPECT_THAT(dead_files({{"arq/CMakeLists.txt", "add_library(a\n  a.cc\n  # b.cc\n  old_c.cc)\n"},
                          {"arq/a.cc", ""},
                          {"arq/b.cc", ""},
                          {"arq/c.cc", ""}}),
              ElementsAre("arq/b.cc", "arq/c.cc"));
}

TEST(CheckDeadFilesTest, AsksTheNearestListAbove) {
  EXPECT_THAT(dead_files({{"CMakeLists.txt", "congestion/bbr/a.cc"},
                          {"congestion/CMakeLists.txt", "bbr/b.cc"},
                          {"congestion/bbr/a.cc", ""},
                          {"congestion/bbr/b.cc", ""}}),
              ElementsAre("congestion/bbr/a.cc"));
  EXPECT_THAT(dead_files({{"arq/a.cc", ""}}), ElementsAre("arq/a.cc"));
}

TEST(CheckDeadFilesTest, FindsHeadersThatNobodyIncludes) {
  EXPECT_THAT(dead_files({{"CMakeLists.txt", "arq/a.cc"},
                          {"arq/a.cc", "#include \"arq/a.h\"\n#include \"hawser/units.h\"\n"},
                          {"arq/a.h", ""},
                          {"arq/b.h", ""},
                          {"include/hawser/time.h", ""},
                          {"include/hawser/units.h", ""}}),
              ElementsAre("arq/b.h", "include/hawser/time.h"));
}

TEST(CheckTopLevelTest, AllowsWhatTheDesignNames) {
  EXPECT_THAT(check_top_level({{}, {".git", "README.md", "arq", "build", "transport"}}), IsEmpty());
  EXPECT_EQ(check_top_level({{}, {"arq", "misc", "src"}}).size(), 2U);
}

TEST(CheckReadmesTest, WantsOneInEveryFolderWithCode) {
  const auto missing = [](std::vector<SourceFile> files) {
    return check_readmes({std::move(files), {}}).size();
  };
  EXPECT_EQ(missing({{"arq/a.cc", ""}, {"arq/README.md", ""}, {"data/a.txt", ""}}), 0U);
  EXPECT_EQ(missing({{"arq/a.cc", ""}, {"README.md", ""}}), 1U);
  EXPECT_EQ(missing({{"CMakeLists.txt", ""}, {"transport/CMakeLists.txt", ""}}), 2U);
}

TEST(CheckMarksTest, FindsMarksAsWholeWords) {
  // In halves, or this file would be found.
  const auto findings = [](const std::string& text) {
    return check_marks({{{"arq/a.cc", "\n" + text + "\n"}}, {}});
  };
  for (const std::string mark : {"TO"
                                 "DO",
                                 "FIX"
                                 "ME",
                                 "XX"
                                 "X",
                                 "HA"
                                 "CK",
                                 "GTEST_"
                                 "SKIP"}) {
    EXPECT_EQ(findings("// " + mark + ": finish.").size(), 1U) << mark;
    EXPECT_EQ(findings(mark + "()").size(), 1U) << mark;
    EXPECT_THAT(findings("a" + mark + "b"), IsEmpty()) << mark;
  }
  EXPECT_EQ(findings("TEST(FooTest, DISA"
                     "BLED_Case)")
                .size(),
            1U);
  EXPECT_EQ(findings("// FIX"
                     "ME")
                .front()
                .line,
            2);
}

}  // namespace
}  // namespace hawser::tidy
