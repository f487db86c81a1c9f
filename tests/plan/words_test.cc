#include "tools/plan/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hawser::plan {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(WordsTest, SplitsAtBlanksAndLineEnds) {
  EXPECT_THAT(*split_words("--rtt 40ms\n  --loss\t1% "),
              ElementsAre("--rtt", "40ms", "--loss", "1%"));
  EXPECT_THAT(*split_words("  \n"), IsEmpty());
}

TEST(WordsTest, QuotesHoldAWordTogether) {
  EXPECT_THAT(*split_words(R"(--netem "delay 30ms 'x'" a'b c'd '')"),
              ElementsAre("--netem", "delay 30ms 'x'", "ab cd", ""));
  EXPECT_EQ(split_words("--netem \"delay 30ms"), std::nullopt);
}

TEST(WordsTest, WhatIsQuotedIsSplitIntoTheSameWords) {
  const Words words = {"--flow", "cc=cubic,size=1", "two words", "", "$HOME;`x`", "say \"hi\""};
  EXPECT_EQ(split_words(join_quoted(words)), words);
  EXPECT_EQ(quoted("--loss"), "--loss");
  EXPECT_EQ(quoted("two words"), "'two words'");
  EXPECT_EQ(quoted("it's"), "'it'\\''s'");
}

}  // namespace
}  // namespace hawser::plan
