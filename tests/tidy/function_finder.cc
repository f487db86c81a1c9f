#include "tests/tidy/function_finder.h"

#include <algorithm>

#include "tests/tidy/lexer.h"

namespace hawser::tidy {

namespace {

/// What an opening brace outside of functions opens.
enum class Brace { container, function, initializer };

/// The tokens of a declaration up to its brace; what stands in parentheses is left out.
using Head = std::vector<Token>;

bool is_class_key(const Token& token) {
  return token.is("class") || token.is("struct") || token.is("union") || token.is("enum");
}

/// Keywords that stand in a declaration with parentheses of their own.
bool takes_arguments(const Token& token) {
  return token.is("requires") || token.is("noexcept") || token.is("alignas") ||
         token.is("decltype") || token.is("explicit");
}

bool is_access(const Token& token) {
  return token.is("public") || token.is("protected") || token.is("private");
}

std::size_t position(const Head& head, std::string_view text, std::size_t from = 0) {
  std::size_t at = from;
  while (at < head.size() && !head[at].is(text)) ++at;
  return at;
}

/// `head` without its leading "template <...>"s.
Head without_template(const Head& head) {
  std::size_t at = 0;
  while (at < head.size() && head[at].is("template")) {
    int depth = 0;
    do {
      ++at;
      if (at == head.size()) return {};
      if (head[at].is("<")) ++depth;
      if (head[at].is(">")) --depth;
    } while (depth > 0);
    ++at;
  }
  return {head.begin() + static_cast<std::ptrdiff_t>(at), head.end()};
}

/// The "=" of an initialisation: not the one of `operator=`.
std::size_t assignment(const Head& head) {
  const std::size_t at = position(head, "=");
  const bool is_operator = at > 0 && at < head.size() && head[at - 1].is("operator");
  return is_operator ? head.size() : at;
}

Brace classify(const Head& whole) {
  const Head head = without_template(whole);
  if (head.empty()) return Brace::initializer;
  const std::size_t assigned = assignment(head);
  if (assigned < head.size()) {
    const bool is_lambda = assigned + 1 < head.size() && head[assigned + 1].is("[");
    return is_lambda ? Brace::function : Brace::initializer;
  }
  const std::size_t parenthesis = position(head, ")");
  if (parenthesis == head.size()) {
    const bool is_container = std::ranges::any_of(head, is_class_key) ||
                              position(head, "namespace") < head.size() || head[0].is("extern");
    return is_container ? Brace::container : Brace::initializer;
  }
  if (is_class_key(head[0]) && !head.back().is(")")) return Brace::container;
  // In a constructor's initialiser list a brace after a name initialises that member.
  const bool in_member_list = position(head, ":", parenthesis) < head.size();
  const bool ends_member = head.back().is(")") || head.back().is("}");
  return in_member_list && !ends_member ? Brace::initializer : Brace::function;
}

class Finder {
 public:
  explicit Finder(const std::vector<Token>& tokens) : tokens_(tokens) {}

  FunctionList run() {
    while (at_ < tokens_.size()) step();
    if (depth_ != 0) list_.is_balanced = false;
    return std::move(list_);
  }

 private:
  void step() {
    const Token& token = tokens_[at_];
    if (token.is("{")) {
      open_brace();
    } else if (token.is("}")) {
      close_container();
    } else if (token.is("(")) {
      skip_parentheses();
    } else if (token.is(";") || (token.is(":") && head_.size() == 1 && is_access(head_[0]))) {
      start_head();
    } else {
      head_.push_back(token);
      ++at_;
    }
  }

  void start_head() {
    head_.clear();
    name_.clear();
    ++at_;
  }

  void open_brace() {
    const Brace brace = classify(head_);
    if (brace == Brace::container) {
      ++depth_;
      start_head();
      return;
    }
    const int first_line = head_.empty() ? tokens_[at_].line : head_.front().line;
    at_ = matching("{", "}");
    if (at_ == tokens_.size()) return;
    if (brace == Brace::function) {
      if (name_.empty()) name_ = "a lambda";
      list_.functions.push_back({name_, first_line, tokens_[at_].line});
      start_head();
    } else {
      head_.push_back(tokens_[at_]);
      ++at_;
    }
  }

  void close_container() {
    if (--depth_ < 0) list_.is_balanced = false;
    start_head();
  }

  void skip_parentheses() {
    const std::size_t open = at_;
    at_ = matching("(", ")");
    if (at_ == tokens_.size()) return;
    const bool is_specifier = open > 0 && takes_arguments(tokens_[open - 1]);
    if (name_.empty() && !is_specifier) name_ = name_before(open);
    head_.push_back(tokens_[open]);
    head_.push_back(tokens_[at_]);
    ++at_;
  }

  /// The (qualified) name in front of the parenthesis at `open`, none for a lambda; a GoogleTest
  /// macro and the call operator with what is inside.
  std::string name_before(std::size_t open) const {
    if (open == 0 || tokens_[open - 1].is("]")) return {};
    std::size_t first = open - 1;
    while (first > 0 && !tokens_[first].is_word()) --first;  // the mark of an operator
    if (first > 0 && tokens_[first - 1].is("~")) --first;
    while (first >= 2 && tokens_[first - 1].is("::")) first -= 2;
    std::string name;
    for (std::size_t i = first; i < open; ++i) name += tokens_[i].text;
    if (name == "operator" || name.starts_with("TEST")) {
      for (std::size_t i = open; i <= at_; ++i) name += tokens_[i].text;
    }
    return name;
  }

  /// The closing mark that matches the opening one at the current place; the end if there is none.
  std::size_t matching(std::string_view open, std::string_view close) {
    int depth = 0;
    for (std::size_t i = at_; i < tokens_.size(); ++i) {
      if (tokens_[i].is(open)) ++depth;
      if (tokens_[i].is(close) && --depth == 0) return i;
    }
    list_.is_balanced = false;
    return tokens_.size();
  }

  const std::vector<Token>& tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  Head head_;
  std::string name_;
  FunctionList list_;
};

}  // namespace

FunctionList find_functions(std::string_view text) {
  const std::string code = code_only(text);
  const std::vector<Token> tokens = tokenize(code);
  return Finder(tokens).run();
}

}  // namespace hawser::tidy
