#pragma once
/// Options whose values have a unit. A wrong value makes `app.parse` throw a `CLI::ValidationError`
/// of one line: the option, the value, what is accepted.

#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "tools/hawser/value_text.h"
#include "tools/hawser/workers.h"

namespace hawser::cli {

/// How an option's text becomes its value.
template <typename Value>
struct ValueKind {
  std::optional<Value> (*parse)(std::string_view text);
  std::string_view accepted_form;
  const char* placeholder;
};
inline constexpr ValueKind<Duration> kDuration{parse_duration, kDurationForm, "D"};
inline constexpr ValueKind<ByteCount> kSize{parse_size, kSizeForm, "SIZE"};
inline constexpr ValueKind<std::uint64_t> kNumber{parse_number, kNumberForm, "N"};
inline constexpr ValueKind<std::uint64_t> kJobs{
    [](std::string_view text) { return parse_count(text, kJobsMax); },
    "a whole number from 1 to 256", "N"};
inline constexpr ValueKind<std::string> kHostPort{parse_host_port, kHostPortForm, "HOST:PORT"};

/// What an option is called and what the help says about it.
struct OptionText {
  std::string name;
  std::string help;
};

/// Adds an option that stores its value in `target` (a `Value` or an optional one), which must
/// outlive the app.
template <typename Value, typename Target>
CLI::Option* add_value(CLI::App& app, const OptionText& text, const ValueKind<Value>& kind,
                       Target& target) {
  const auto take = [&target, kind, name = text.name](const std::string& given) {
    const std::optional<Value> value = kind.parse(given);
    if (!value) throw CLI::ValidationError(name, refusal(given, kind.accepted_form));
    target = *value;
  };
  return app.add_option_function<std::string>(text.name, take, text.help)
      ->type_name(kind.placeholder);
}

}  // namespace hawser::cli
