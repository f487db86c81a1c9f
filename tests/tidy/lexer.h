#pragma once
/// Just enough of C++'s lexical rules for the tidy rules: what is code, and what are its words.

#include <string>
#include <string_view>
#include <vector>

namespace hawser::tidy {

/// `text` with comments and the insides of string and character literals blanked out. Every line
/// keeps its number and every byte its place.
std::string code_only(std::string_view text);

/// A word, a number, or a punctuation mark ("::", "->", "==", "+=" and their like are one mark).
struct Token {
  std::string_view text;
  int line = 0;

  bool is(std::string_view other) const { return text == other; }
  bool is_word() const;
};

/// The tokens of `code`, which must come from `code_only` and outlive them. Preprocessor lines are
/// left out.
std::vector<Token> tokenize(std::string_view code);

/// One #include: `target` is what stands between the quotes or brackets.
struct Include {
  std::string target;
  int line = 0;
  bool is_angled = false;
};

std::vector<Include> includes_of(std::string_view text);

}  // namespace hawser::tidy
