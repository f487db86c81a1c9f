#include "tools/seeing/output_file.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace hawser::seeing {
namespace {

namespace fs = std::filesystem;

TEST(OutputFileTest, StandsUnderItsNameOnlyWhenItIsWhole) {
  const TemporaryFolder folder;
  OutputFile file(folder / "a");
  file.write(std::string(100'000, 'x'));
  file.write("end");
  EXPECT_FALSE(fs::exists(folder / "a"));
  EXPECT_EQ(file.commit(), std::error_code());
  EXPECT_EQ(read_file(folder / "a"), std::string(100'000, 'x') + "end");
  EXPECT_FALSE(fs::exists(folder / "a.part"));
}

TEST(OutputFileTest, LeavesAnOlderFileAloneUntilThen) {
  const TemporaryFolder folder;
  {
    OutputFile older(folder / "a");
    older.write("older");
    older.commit();
  }
  {
    OutputFile file(folder / "a");
    file.write("never finished");
  }
  EXPECT_EQ(read_file(folder / "a"), "older");
  EXPECT_FALSE(fs::exists(folder / "a.part"));
  OutputFile file(folder / "a");
  file.write("new");
  file.commit();
  EXPECT_EQ(read_file(folder / "a"), "new");
}

TEST(OutputFileTest, SaysAtOnceThatItCannotBeMade) {
  const TemporaryFolder folder;
  OutputFile nowhere(folder / "missing/a");
  EXPECT_EQ(nowhere.error(), std::errc::no_such_file_or_directory);
  OutputFile on_a_folder(folder.path());
  EXPECT_EQ(on_a_folder.error(), std::errc::is_a_directory);
  EXPECT_EQ(on_a_folder.commit(), std::errc::is_a_directory);
}

TEST(OutputFileTest, WritesToADeviceWithoutTakingItsPlace) {
  OutputFile full("/dev/full");
  full.write("no room for this");
  EXPECT_EQ(full.commit(), std::errc::no_space_on_device);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

}  // namespace
}  // namespace hawser::seeing
