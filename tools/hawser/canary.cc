#include "tools/hawser/canary.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <uv.h>

namespace hawser::cli {
namespace {

constexpr char kName[] = "hawser-canary";

std::string program_path() {
  std::array<char, 4096> path{};
  std::size_t size = path.size();
  return uv_exepath(path.data(), &size) == 0 ? std::string(path.data(), size) : std::string();
}

// As the system keeps them.
std::vector<std::string> arguments() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  return words;
}

}  // namespace

bool is_canary() { return program_path().ends_with(std::string("/") + kName); }

void become_canary() {
  const std::string own = program_path();
  const std::string sibling = own.substr(0, own.rfind('/') + 1) + kName;
  std::vector<std::string> words = arguments();
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execv(sibling.c_str(), argv.data());
  throw CLI::ValidationError(
      "--canary",
      fmt::format("{} cannot be run: it is built beside hawser, by a build with tests", sibling));
}

}  // namespace hawser::cli
