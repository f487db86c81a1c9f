#include "tools/hawser/view_options.h"

#include <algorithm>
#include <array>

#include <CLI/CLI.hpp>

#include "tools/hawser/option_names.h"
#include "tools/plan/words.h"

namespace hawser::cli {
namespace {

constexpr char kGroup[] = "Looking at the run";
constexpr std::array<std::string_view, 4> kLookOnly{"--report", "--qlog", "--pcap", "--json"};

void add_path(CLI::App& app, const char* name, const char* help,
              std::optional<std::filesystem::path>& target) {
  const auto take = [name, &target](const std::string& value) {
    if (value.empty()) throw CLI::ValidationError(name, "'' is not accepted: give a path");
    target = value;
  };
  const bool is_folder = std::string_view(name) == "--qlog";
  app.add_option_function<std::string>(name, take, help)
      ->type_name(is_folder ? "DIR" : "FILE")
      ->group(kGroup);
}

}  // namespace

void ViewOptions::add_to(CLI::App& app) {
  app_ = &app;
  add_path(app, "--report", "the run as one HTML page of charts and figures", paths_.report);
  add_path(app, "--qlog", "what each end did, as qlog (JSON text sequences), in a folder",
           paths_.qlog);
  add_path(app, "--pcap", "every datagram as it is sent, for Wireshark and `hawser decode`",
           paths_.pcap);
}

std::optional<std::string> ViewOptions::complaint() const {
  const auto place = [](const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path), ignored);
  };
  if (!paths_.report || !paths_.pcap || place(*paths_.report) != place(*paths_.pcap))
    return std::nullopt;
  return "--pcap: it is the file of --report, too";
}

std::string ViewOptions::command_line(const std::string& name) const {
  std::string line = name;
  for (const CLI::Option* option : app_->get_options()) {
    const std::string option_name = typed_name(*option);
    if (std::ranges::find(kLookOnly, option_name) != kLookOnly.end()) continue;
    const bool is_flag = option->get_expected_max() == 0;
    for (const std::string& value : option->results()) {
      line += " " + option_name;
      if (!is_flag) line += " " + plan::quoted(value);
    }
  }
  return line;
}

}  // namespace hawser::cli
