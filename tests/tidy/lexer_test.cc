#include "tests/tidy/lexer.h"

#include <gmock/gmock.h>

namespace hawser::tidy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> words(std::string_view text) {
  const std::string code = code_only(text);
  std::vector<std::string> words;
  for (const Token& token : tokenize(code)) words.emplace_back(token.text);
  return words;
}

TEST(CodeOnlyTest, BlanksCommentsAndKeepsLines) {
  EXPECT_EQ(code_only("a // b\nc"), "a     \nc");
  EXPECT_EQ(code_only("a /* b\nb */ c"), "a     \n     c");
  EXPECT_EQ(code_only("a /* never closed"), "a                ");
}

TEST(CodeOnlyTest, BlanksLiteralsAndKeepsTheirQuotes) {
  EXPECT_EQ(code_only("f(\"{ // \");"), "f(\"     \");");
  EXPECT_EQ(code_only(R"(f("a\"{");)"), "f(\"    \");");
  EXPECT_EQ(code_only("f('{', '\\'');"), "f(' ', '  ');");
}

TEST(CodeOnlyTest, BlanksRawLiteralsOverLines) {
  EXPECT_EQ(code_only("R\"(\"{\n)\" x"), "R\"   \n \" x");
  EXPECT_EQ(code_only("R\"-()\" { )-\" x"), "R\"         \" x");
}

TEST(CodeOnlyTest, KnowsDigitSeparators) { EXPECT_EQ(code_only("1'000 {'}'"), "1'000 {' '"); }

TEST(TokenizeTest, SplitsWordsAndMarks) {
  EXPECT_THAT(words("a::b->c<=d_1{}"),
              ElementsAre("a", "::", "b", "->", "c", "<=", "d_1", "{", "}"));
}

TEST(TokenizeTest, LeavesOutDirectivesWithTheirContinuations) {
  EXPECT_THAT(words("#define X { \\\n  {\na"), ElementsAre("a"));
}

TEST(TokenizeTest, CountsLines) {
  const std::string code = "a\n\nb";
  const std::vector<Token> tokens = tokenize(code);
  ASSERT_EQ(tokens.size(), 2U);
  EXPECT_EQ(tokens[0].line, 1);
  EXPECT_EQ(tokens[1].line, 3);
}

TEST(IncludesOfTest, ReadsBothKinds) {
  const std::vector<Include> includes =
      includes_of("#pragma once\n#include <a>\n# include \"b/c.h\"\n");
  ASSERT_EQ(includes.size(), 2U);
  EXPECT_EQ(includes[0].target, "a");
  EXPECT_EQ(includes[0].line, 2);
  EXPECT_TRUE(includes[0].is_angled);
  EXPECT_EQ(includes[1].target, "b/c.h");
  EXPECT_FALSE(includes[1].is_angled);
}

TEST(IncludesOfTest, IgnoresWhatIsNotADirective) {
  EXPECT_THAT(includes_of("// #include <a>\n#include MACRO\n#include <a\n"), IsEmpty());
}

}  // namespace
}  // namespace hawser::tidy
