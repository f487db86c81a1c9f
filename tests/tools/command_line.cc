#include "tests/tools/command_line.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// A folder that only this test uses.
std::filesystem::path fresh_folder() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string("hawser-") + test->test_suite_name() + "-" + test->name();
  for (char& c : name) {
    if (c == '/') c = '-';
  }
  const auto folder = std::filesystem::path(testing::TempDir()) / name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace

nlohmann::json CommandResult::json() const {
  const auto json = nlohmann::json::parse(output, nullptr, false);
  return json.is_object() ? json : nlohmann::json();
}

CommandResult run_tool(const std::string& arguments) {
  return run_script("\"$HAWSER\" " + arguments);
}

CommandResult run_script(const std::string& script) {
  const std::filesystem::path folder = fresh_folder();
  std::ofstream(folder / "script") << "HAWSER='" HAWSER_TOOL "'\nDIR='" << folder.string() << "'\n"
                                   << script << "\n";
  const std::string command = "sh '" + (folder / "script").string() + "' > '" +
                              (folder / "output").string() + "' 2> '" +
                              (folder / "errors").string() + "'";
  const int status = std::system(command.c_str());
  CommandResult result{.exit_code = (status >> 8) & 0xFF,  // as wait(2) packs it
                       .output = read_file(folder / "output"),
                       .errors = read_file(folder / "errors")};
  std::filesystem::remove_all(folder);
  return result;
}

}  // namespace hawser::cli
