#include "tests/golden/golden_file.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace hawser::golden {

namespace {

constexpr const char* kRewriteVariable = "HAWSER_REWRITE_GOLDEN";

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::vector<std::string> lines;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void rewrite(const std::filesystem::path& file, const std::vector<std::string>& lines) {
  std::ofstream stream(file);
  for (const std::string& line : lines) stream << line << '\n';
  ASSERT_TRUE(stream.flush()) << file;
}

/// The lines that differ, the expected one before what is there now.
std::string difference(const std::vector<std::string>& expected,
                       const std::vector<std::string>& now) {
  std::ostringstream text;
  for (std::size_t i = 0; i < std::max(expected.size(), now.size()); ++i) {
    const bool is_in_both = i < expected.size() && i < now.size();
    if (is_in_both && expected[i] == now[i]) continue;
    if (i < expected.size()) text << "-" << expected[i] << '\n';
    if (i < now.size()) text << "+" << now[i] << '\n';
  }
  return text.str();
}

}  // namespace

void compare_with_golden(const std::string& file, const std::vector<std::string>& lines,
                         const std::string& command) {
  const std::filesystem::path path = std::filesystem::path(HAWSER_GOLDEN_FOLDER) / file;
  if (std::getenv(kRewriteVariable) != nullptr) return rewrite(path, lines);
  const std::string change = difference(lines_of(path), lines);
  EXPECT_TRUE(change.empty()) << change << "in " << path
                              << "\nIf this is meant, rewrite it, and say in the commit why:\n  "
                              << kRewriteVariable << "=1 " << command;
}

}  // namespace hawser::golden
