#pragma once
/// Command lines as text: split as a shell splits them, and written so that a shell reads them
/// back.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hawser::plan {

using Words = std::vector<std::string>;

/// Splits at blanks and line ends; '...' and "..." hold a word together, a backslash is an ordinary
/// character. Nothing if a quote is left open.
std::optional<Words> split_words(std::string_view text);
/// As a shell takes it for one word.
std::string quoted(const std::string& word);
/// All of them quoted, a blank between two.
std::string join_quoted(const Words& words);

}  // namespace hawser::plan
