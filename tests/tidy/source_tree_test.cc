#include "tests/tidy/source_tree.h"

#include <fstream>

#include <gmock/gmock.h>

#include "tests/support/temporary_folder.h"

namespace hawser::tidy {
namespace {

namespace fs = std::filesystem;

using testing::ElementsAre;

void write(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

TEST(SourceTreeTest, LoadsTextAndLeavesOutBuildsAndData) {
  const TemporaryFolder folder;
  const fs::path& root = folder.path();
  write(root / "arq/a.cc", "int a;\n");
  write(root / "build/b.cc", "");
  write(root / ".git/c.txt", "");
  write(root / "tests/corpus/d", "\x01\x02");
  write(root / "tools/check", "#!/bin/bash\n");

  const SourceTree tree = SourceTree::load(root);

  EXPECT_THAT(tree.top_level, ElementsAre(".git", "arq", "build", "tests", "tools"));
  ASSERT_EQ(tree.files.size(), 2U);
  EXPECT_EQ(tree.files[0].path, "arq/a.cc");
  EXPECT_EQ(tree.files[0].text, "int a;\n");
  EXPECT_EQ(tree.files[1].path, "tools/check");
  EXPECT_NE(tree.find("arq/a.cc"), nullptr);
  EXPECT_EQ(tree.find("a.cc"), nullptr);
}

TEST(SourceFileTest, KnowsItsFolderAndKind) {
  EXPECT_EQ((SourceFile{"tests/arq/a.cc", ""}.folder()), "tests/arq");
  EXPECT_EQ((SourceFile{"README.md", ""}.folder()), "");
  EXPECT_TRUE((SourceFile{"arq/a.h", ""}.is_header()));
  EXPECT_TRUE((SourceFile{"arq/a.cc", ""}.is_cpp()));
  EXPECT_FALSE((SourceFile{"arq/README.md", ""}.is_cpp()));
  EXPECT_TRUE((SourceFile{"tests/a.cc", ""}.is_test()));
}

TEST(IsBelowTest, ComparesWholeNames) {
  EXPECT_TRUE(is_below("arq/a.h", "arq"));
  EXPECT_TRUE(is_below("arq", "arq"));
  EXPECT_TRUE(is_below("arq/a.h", ""));
  EXPECT_FALSE(is_below("arqs/a.h", "arq"));
}

TEST(LinesOfTest, TakesALastLineWithoutEnd) {
  EXPECT_THAT(lines_of("a\n\nb"), ElementsAre("a", "", "b"));
  EXPECT_THAT(lines_of("a\n"), ElementsAre("a"));
}

TEST(FindingsTest, PrintAsCompilersDo) {
  EXPECT_EQ(to_string({{"a.cc", 3, "is wrong"}, {"b.cc", 0, "is long"}}),
            "a.cc:3: is wrong\nb.cc: is long\n");
}

}  // namespace
}  // namespace hawser::tidy
