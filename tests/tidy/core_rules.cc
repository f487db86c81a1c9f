#include <algorithm>
#include <array>

#include "tests/tidy/lexer.h"
#include "tests/tidy/rules.h"

namespace hawser::tidy {

namespace {

// Words that are wrong wherever they stand in code.
constexpr auto kClocks = std::to_array<std::string_view>(
    {"steady_clock", "system_clock", "high_resolution_clock", "utc_clock", "tai_clock", "gps_clock",
     "file_clock", "clock_gettime", "gettimeofday", "timespec_get", "uv_now", "uv_hrtime"});
constexpr auto kRandomness =
    std::to_array<std::string_view>({"random_device",  "mt19937",
                                     "mt19937_64",     "minstd_rand",
                                     "minstd_rand0",   "default_random_engine",
                                     "knuth_b",        "ranlux24",
                                     "ranlux48",       "getrandom",
                                     "getentropy",     "arc4random",
                                     "arc4random_buf", "arc4random_uniform",
                                     "rand",           "srand",
                                     "rand_r",         "srandom",
                                     "drand48",        "lrand48",
                                     "uv_random"});
constexpr auto kExceptions =
    std::to_array<std::string_view>({"throw", "try", "catch", "dynamic_cast", "typeid"});

// Catches what the standard library throws, so that nobody else has to.
constexpr std::string_view kCatcher = "transport/connection/out_of_memory.h";

// Words that are wrong only as the name of a free function that is called.
constexpr auto kCalls = std::to_array<std::string_view>({"time", "clock", "ftime", "random"});
// libm, too: its last bits differ between platforms. sqrt is exact (IEEE 754 s5.4.1).
constexpr auto kLibm = std::to_array<std::string_view>(
    {"pow",   "powf",  "exp",   "exp2", "expm1", "log",    "log2",  "log10", "log1p",
     "cbrt",  "cbrtf", "hypot", "sin",  "cos",   "tan",    "asin",  "acos",  "atan",
     "atan2", "sinh",  "cosh",  "tanh", "erf",   "tgamma", "lgamma"});

// Headers without a use that a sans-I/O core could have.
constexpr auto kHeaders = std::to_array<std::string_view>(
    {"thread", "mutex", "shared_mutex", "condition_variable", "future", "semaphore", "iostream",
     "fstream", "filesystem", "ctime", "time.h"});

template <std::size_t kSize>
bool contains(const std::array<std::string_view, kSize>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool is_core(std::string_view path) {
  return is_below(path, "include") || is_below(path, "arq") || is_below(path, "congestion") ||
         (is_below(path, "transport") && !is_below(path, "transport/uv"));
}

/// True if the word at `at` is called as a free function or as one of std: it is no member
/// (`x.time(a)`), no other scope's (`Foo::time(a)`), no declaration (`Duration time(a)`).
bool is_free_call(const std::vector<Token>& tokens, std::size_t at) {
  if (at + 2 >= tokens.size() || !tokens[at + 1].is("(")) return false;
  if (at == 0) return true;
  const Token& before = tokens[at - 1];
  if (before.is("::")) return at < 2 || tokens[at - 2].is("std") || !tokens[at - 2].is_word();
  if (before.is(".") || before.is("->")) return false;
  // `x * log(y)` is a call; `Log* log()` and `const Log& log()` are not.
  if (before.is(">") || before.is("&") || before.is("*")) return !tokens[at + 2].is(")");
  static constexpr auto kStatements =
      std::to_array<std::string_view>({"return", "co_return", "co_yield", "else", "do", "case"});
  return !before.is_word() || contains(kStatements, before.text);
}

/// What is wrong with the word at `at`, or nothing.
std::string_view fault_of(const std::vector<Token>& tokens, std::size_t at, bool may_catch) {
  const std::string_view word = tokens[at].text;
  if (contains(kClocks, word)) return "reads a clock; `now` is passed in";
  if (contains(kRandomness, word)) return "draws randomness; a RandomSource is passed in";
  const bool is_std = at >= 2 && tokens[at - 1].is("::") && tokens[at - 2].is("std");
  if (is_std && word.ends_with("_distribution")) {
    return "differs between platforms; draw integers from a RandomSource";
  }
  if (!may_catch && contains(kExceptions, word)) {
    return "needs exceptions or run-time types; return a Result";
  }
  if (contains(kCalls, word) && is_free_call(tokens, at)) {
    return "asks the operating system; time and randomness are passed in";
  }
  if (contains(kLibm, word) && is_free_call(tokens, at)) {
    return "is libm, which differs between platforms; of it only sqrt is allowed";
  }
  return {};
}

void check_words(const SourceFile& file, bool is_simulator, Findings& findings) {
  // Exceptions are the simulator's own affair.
  const bool may_catch = is_simulator || file.path == kCatcher;
  const std::string code = code_only(file.text);
  const std::vector<Token> tokens = tokenize(code);
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const std::string_view fault = fault_of(tokens, at, may_catch);
    if (fault.empty()) continue;
    findings.push_back({file.path, tokens[at].line,
                        std::string("`").append(tokens[at].text).append("` ").append(fault)});
  }
}

void check_headers(const SourceFile& file, bool is_simulator, Findings& findings) {
  for (const Include& include : includes_of(file.text)) {
    const bool is_banned = include.target == "random" || (!is_simulator && include.is_angled &&
                                                          contains(kHeaders, include.target));
    if (!is_banned) continue;
    findings.push_back({file.path, include.line,
                        "includes <" + include.target +
                            ">; the core has no threads, streams, clocks or randomness"});
  }
}

}  // namespace

Findings check_core(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree.files) {
    const bool is_simulator = is_below(file.path, "tools/netsim");
    if (!file.is_cpp() || (!is_core(file.path) && !is_simulator)) continue;
    check_words(file, is_simulator, findings);
    check_headers(file, is_simulator, findings);
  }
  return findings;
}

}  // namespace hawser::tidy
