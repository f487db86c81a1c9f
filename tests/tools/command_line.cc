#include "tests/tools/command_line.h"

#include <cstdlib>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace hawser::cli {

nlohmann::json CommandResult::json() const {
  const auto json = nlohmann::json::parse(output, nullptr, false);
  return json.is_object() ? json : nlohmann::json();
}

CommandResult run_tool(const std::string& arguments) {
  return run_script("\"$HAWSER\" " + arguments);
}

CommandResult run_script(const std::string& script) {
  const TemporaryFolder folder;
  std::ofstream(folder / "script")
      << "HAWSER='" HAWSER_TOOL "'\nDIR='" << folder.path().string() << "'\n"
      << script << "\n";
  const std::string command = "sh '" + (folder / "script").string() + "' > '" +
                              (folder / "output").string() + "' 2> '" +
                              (folder / "errors").string() + "'";
  const int status = std::system(command.c_str());
  return {.exit_code = (status >> 8) & 0xFF,  // as wait(2) packs it
          .output = read_file(folder / "output"),
          .errors = read_file(folder / "errors")};
}

}  // namespace hawser::cli
