#include <gmock/gmock.h>

#include "tests/tidy/rules.h"

namespace hawser::tidy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

SourceTree one_file(std::string path, std::string text) {
  return {{{std::move(path), std::move(text)}}, {}};
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

/// True if a file at `path` may have `lines` lines and not one more.
bool is_budget(const std::string& path, int lines) {
  const Findings at = check_file_sizes(one_file(path, repeated("a\n", lines)));
  const Findings above = check_file_sizes(one_file(path, repeated("a\n", lines + 1)));
  return at.empty() && above.size() == 1;
}

TEST(CheckFileSizesTest, HoldsEachKindOfFileToItsBudget) {
  EXPECT_TRUE(is_budget("arq/a.cc", 800));
  EXPECT_TRUE(is_budget("tests/arq/a_test.cc", 1000));
  EXPECT_TRUE(is_budget("include/hawser/a.h", 250));
  EXPECT_TRUE(is_budget("transport/connection/connection.cc", 600));
  EXPECT_TRUE(is_budget("transport/connection/handshake.cc", 800));
}

TEST(CheckFileSizesTest, LeavesDocumentsAlone) {
  EXPECT_THAT(check_file_sizes(one_file("README.md", repeated("a\n", 2000))), IsEmpty());
}

TEST(CheckFunctionSizesTest, AllowsSeventyLines) {
  const auto function = [](int lines) {
    return one_file("arq/a.cc", "\nvoid f() {\n" + repeated("  g();\n", lines - 2) + "}\n");
  };
  EXPECT_THAT(check_function_sizes(function(70)), IsEmpty());
  EXPECT_THAT(check_function_sizes(function(71)),
              ElementsAre(Finding{"arq/a.cc", 2, "f has 71 lines; the budget is 70"}));
}

TEST(CheckFunctionSizesTest, SaysWhatItCannotMeasure) {
  EXPECT_EQ(check_function_sizes(one_file("arq/a.cc", "void f() {\n")).size(), 1U);
}

TEST(CheckColumnsTest, CountsCharactersNotBytes) {
  EXPECT_THAT(check_columns(one_file("arq/a.cc", repeated("\u00e9", 100))), IsEmpty());
  EXPECT_THAT(check_columns(one_file("arq/CMakeLists.txt", "a\n" + repeated("b", 101))),
              ElementsAre(Finding{"arq/CMakeLists.txt", 2, "101 columns; the limit is 100"}));
  EXPECT_THAT(check_columns(one_file("README.md", repeated("b", 300))), IsEmpty());
}

}  // namespace
}  // namespace hawser::tidy
