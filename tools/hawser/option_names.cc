#include "tools/hawser/option_names.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace hawser::cli {

std::string typed_name(const CLI::Option& option) {
  const std::vector<std::string>& names = option.get_lnames();
  return names.empty() ? std::string() : "--" + names.front();
}

std::optional<std::string> complaint_about_repetition(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const bool is_single = option->get_items_expected_max() == 1 &&
                           option->get_multi_option_policy() == CLI::MultiOptionPolicy::Throw;
    if (!is_single || option->count() < 2) continue;
    return fmt::format("{}: given {} times: give it once", typed_name(*option), option->count());
  }
  return std::nullopt;
}

}  // namespace hawser::cli
