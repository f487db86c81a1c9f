// Runs clang-format over the tree. Another version than 14 breaks lines elsewhere, so without it
// the check says that it did nothing; tools/check installs it.

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"
#include "tests/tidy/source_tree.h"

namespace hawser::tidy {
namespace {

namespace fs = std::filesystem;

struct CommandResult {
  int status = 0;
  std::string output;
};

/// Runs a shell command; its output holds the standard error, too.
CommandResult run(const std::string& command) {
  CommandResult result;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {-1, "popen failed"};
  std::array<char, 4096> chunk{};
  for (std::size_t n = 0; (n = std::fread(chunk.data(), 1, chunk.size(), pipe)) > 0;) {
    result.output.append(chunk.data(), n);
  }
  result.status = pclose(pipe);
  return result;
}

/// The command of clang-format 14, or nothing.
std::string clang_format() {
  for (const char* name : {"clang-format-14", "clang-format"}) {
    const CommandResult version = run(std::string(name) + " --version");
    if (version.status == 0 && version.output.find("version 14.") != std::string::npos) return name;
  }
  return {};
}

/// What clang-format finds wrong with `files` of the folder `root`.
CommandResult check_format(const fs::path& root, const std::string& files) {
  return run("cd '" + root.string() + "' && " + clang_format() + " --dry-run -Werror" + files);
}

TEST(FormattingTest, EveryFileIsAsClangFormatWritesIt) {
  if (clang_format().empty()) {
    std::cout << "skipped: clang-format 14 is not installed\n";
    return;
  }
  std::string files;
  for (const SourceFile& file : SourceTree::load(HAWSER_SOURCE_DIR).files) {
    if (file.is_cpp()) files += ' ' + file.path;
  }
  const CommandResult result = check_format(HAWSER_SOURCE_DIR, files);
  EXPECT_EQ(result.status, 0) << "repair: cmake --build --preset dev --target format\n"
                              << result.output;
}

TEST(FormattingTest, AFileThatIsNotIsFound) {
  if (clang_format().empty()) {
    std::cout << "skipped: clang-format 14 is not installed\n";
    return;
  }
  const TemporaryFolder folder;
  std::ofstream(folder / "a.cc") << "int  main( ){}\n";
  EXPECT_NE(check_format(folder.path(), " a.cc").status, 0);
}

}  // namespace
}  // namespace hawser::tidy
