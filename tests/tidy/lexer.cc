#include "tests/tidy/lexer.h"

#include <algorithm>
#include <cctype>

#include "tests/tidy/source_tree.h"

namespace hawser::tidy {

namespace {

bool is_word_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Walks over source text and blanks what is not code.
class Blanker {
 public:
  explicit Blanker(std::string_view text) : text_(text) {}

  std::string run() {
    while (at_ < text_.size()) step();
    return std::move(text_);
  }

 private:
  bool sees(std::string_view word) const { return text_.compare(at_, word.size(), word) == 0; }
  char previous() const { return at_ == 0 ? '\n' : text_[at_ - 1]; }

  void step() {
    if (sees("//")) {
      blank_until(find("\n", at_));
    } else if (sees("/*")) {
      blank_until(past("*/", at_ + 2));
    } else if (text_[at_] == '"') {
      previous() == 'R' ? raw_string() : literal('"');
    } else if (text_[at_] == '\'' && !is_word_char(previous())) {  // not a digit separator
      literal('\'');
    } else {
      ++at_;
    }
  }

  void literal(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2U : 1U;
    }
    ++at_;
    blank_until(std::min(end, text_.size()));
    if (at_ < text_.size()) ++at_;  // the closing quote stays
  }

  void raw_string() {
    const std::size_t open = find("(", at_);
    std::string closing = ")";
    closing.append(text_, at_ + 1, open - at_ - 1).append("\"");
    const std::size_t end = past(closing, open);
    ++at_;
    blank_until(end - 1);
    at_ = end;
  }

  std::size_t find(std::string_view word, std::size_t from) const {
    return std::min(text_.find(word, from), text_.size());
  }
  std::size_t past(std::string_view word, std::size_t from) const {
    return std::min(find(word, from) + word.size(), text_.size());
  }
  void blank_until(std::size_t end) {
    for (; at_ < end; ++at_) {
      if (text_[at_] != '\n') text_[at_] = ' ';
    }
  }

  std::string text_;
  std::size_t at_ = 0;
};

std::string_view trimmed(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return line;
}

std::size_t token_length(std::string_view rest) {
  static constexpr std::string_view kMarks[] = {
      "::", "->", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^="};
  if (is_word_char(rest[0])) {
    const auto end = std::ranges::find_if_not(rest, is_word_char);
    return static_cast<std::size_t>(end - rest.begin());
  }
  for (const std::string_view mark : kMarks) {
    if (rest.starts_with(mark)) return mark.size();
  }
  return 1;
}

void tokenize_line(std::string_view line, int number, std::vector<Token>& tokens) {
  while (!(line = trimmed(line)).empty()) {
    const std::size_t length = token_length(line);
    tokens.push_back({line.substr(0, length), number});
    line.remove_prefix(length);
  }
}

}  // namespace

bool Token::is_word() const { return is_word_char(text[0]); }

std::string code_only(std::string_view text) { return Blanker(text).run(); }

std::vector<Token> tokenize(std::string_view code) {
  std::vector<Token> tokens;
  bool in_directive = false;
  int number = 0;
  for (const std::string_view line : lines_of(code)) {
    ++number;
    in_directive = in_directive || trimmed(line).starts_with('#');
    if (!in_directive) tokenize_line(line, number, tokens);
    in_directive = in_directive && line.ends_with('\\');
  }
  return tokens;
}

std::vector<Include> includes_of(std::string_view text) {
  std::vector<Include> includes;
  int number = 0;
  for (std::string_view line : lines_of(text)) {
    ++number;
    line = trimmed(line);
    if (!line.starts_with('#')) continue;
    line = trimmed(line.substr(1));
    if (!line.starts_with("include")) continue;
    line = trimmed(line.substr(7));
    if (line.empty() || (line[0] != '"' && line[0] != '<')) continue;
    const bool is_angled = line[0] == '<';
    const std::size_t end = line.find(is_angled ? '>' : '"', 1);
    if (end == std::string_view::npos) continue;
    includes.push_back({std::string(line.substr(1, end - 1)), number, is_angled});
  }
  return includes;
}

}  // namespace hawser::tidy
