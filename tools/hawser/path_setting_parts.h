#pragma once
/// What the tables of path settings share. One file for each subject defines a table;
/// `path_settings.cc` puts them together.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tools/hawser/path_settings.h"
#include "tools/hawser/value_text.h"

namespace hawser::cli {

// The tables, each in the order of the help.
std::span<const PathSetting> delay_settings();
std::span<const PathSetting> loss_settings();
std::span<const PathSetting> damage_settings();
std::span<const PathSetting> queue_settings();

inline constexpr std::string_view kCountForm = "a whole number from 1";

/// The parts of a value between separators; one part if there is none.
inline std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// Stores the value if there is one; says whether there was.
template <typename Field, typename Value>
bool store(Field& field, const std::optional<Value>& value) {
  if (value) field = Field(*value);
  return value.has_value();
}

}  // namespace hawser::cli
