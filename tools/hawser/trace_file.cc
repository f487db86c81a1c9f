#include "tools/hawser/trace_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tools/hawser/value_text.h"

namespace hawser::cli {
namespace {

constexpr std::string_view kLineForm = "a time in whole milliseconds such as 17, up to 10000 hours";
constexpr std::chrono::milliseconds kTimeMax = std::chrono::hours(10'000);

std::optional<Duration> parse_line(std::string_view line) {
  const auto number = parse_number(line);
  if (!number || *number > static_cast<std::uint64_t>(kTimeMax.count())) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*number));
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

std::optional<netsim::RateTrace> parse_trace(std::string_view text, std::string_view name,
                                             std::string& problem) {
  std::vector<Duration> times;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t number = times.size() + 1;
    const auto time = parse_line(line);
    if (!time) {
      problem = fmt::format("{}:{}: {}", name, number, refusal(line, kLineForm));
      return std::nullopt;
    }
    if (!times.empty() && *time < times.back()) {
      problem = fmt::format("{}:{}: {} comes after {}: give times that never decrease", name,
                            number, line, times.back() / std::chrono::milliseconds(1));
      return std::nullopt;
    }
    times.push_back(*time);
  }
  const std::size_t lines = times.size();
  auto trace = netsim::RateTrace::from(std::move(times));
  if (!trace) {
    problem = fmt::format("{}:{}: a trace is from 1 to {} lines, the last of them above 0", name,
                          lines, netsim::RateTrace::kOpportunitiesMax);
  }
  return trace;
}

std::optional<netsim::RateTrace> read_trace(const std::string& file, std::string& problem) {
  std::error_code ignored;  // then it is no folder either
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file, ignored)) {
    problem = fmt::format("'{}' cannot be read: give the name of a trace file", file);
    return std::nullopt;
  }
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return parse_trace(text, file, problem);
}

}  // namespace hawser::cli
