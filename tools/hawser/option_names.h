#pragma once
/// Options as a person typed them. The parser's own `get_name` is empty for those that the help
/// leaves out.

#include <optional>
#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace hawser::cli {

/// "--up-loss". Empty for a word that stands without an option.
std::string typed_name(const CLI::Option& option);
/// What is wrong if an option stands there more often than it may, as one line.
std::optional<std::string> complaint_about_repetition(const CLI::App& app);

}  // namespace hawser::cli
