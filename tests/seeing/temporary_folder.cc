#include "tests/seeing/temporary_folder.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace hawser::seeing {

TemporaryFolder::TemporaryFolder() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  path_ = std::filesystem::path(testing::TempDir()) /
          (std::string("hawser-") + test->test_suite_name() + "-" + test->name());
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

}  // namespace hawser::seeing
