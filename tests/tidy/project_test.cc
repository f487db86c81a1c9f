// Holds the project's own tree to the rules.

#include <gtest/gtest.h>

#include "tests/tidy/rules.h"

namespace hawser::tidy {
namespace {

class ProjectTest : public testing::Test {
 protected:
  using Rule = Findings (*)(const SourceTree&);

  static void expect_none(Rule rule) {
    const Findings findings = rule(tree());
    EXPECT_TRUE(findings.empty()) << '\n' << to_string(findings);
  }

 private:
  static const SourceTree& tree() {
    static const SourceTree kTree = SourceTree::load(HAWSER_SOURCE_DIR);
    return kTree;
  }
};

TEST_F(ProjectTest, LayersIncludeOnlyWhatLiesBelow) { expect_none(check_layers); }
TEST_F(ProjectTest, PublicHeadersStandAlone) { expect_none(check_public_includes); }
TEST_F(ProjectTest, TheSystemIsTouchedAtTheRimOnly) { expect_none(check_system_includes); }
TEST_F(ProjectTest, TheCoreHasNoClockRandomnessOrLibm) { expect_none(check_core); }
TEST_F(ProjectTest, FilesKeepTheirBudget) { expect_none(check_file_sizes); }
TEST_F(ProjectTest, FunctionsKeepTheirBudget) { expect_none(check_function_sizes); }
TEST_F(ProjectTest, LinesKeepTheirBudget) { expect_none(check_columns); }
TEST_F(ProjectTest, NoFileIsDead) { expect_none(check_dead_files); }
TEST_F(ProjectTest, TheTopLevelIsFixed) { expect_none(check_top_level); }
TEST_F(ProjectTest, EveryFolderSaysWhatItIsFor) { expect_none(check_readmes); }
TEST_F(ProjectTest, NothingIsLeftUnfinished) { expect_none(check_marks); }

}  // namespace
}  // namespace hawser::tidy
