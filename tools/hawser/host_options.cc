#include "tools/hawser/host_options.h"

#include <span>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tools/hawser/value_text.h"

namespace hawser::cli {
namespace {

using netsim::HostFaults;

constexpr char kGroup[] = "Hosts (each also with --client- or --server-)";
constexpr std::string_view kPeriodForm = "two durations, the first one shorter, such as 5s-7s";
constexpr std::int64_t kDriftMax = 500'000;
constexpr std::uint64_t kReceiveBufferMax = 1'000'000;

struct HostSetting {
  std::string_view name;
  std::string_view placeholder;
  std::string_view help;
  std::string_view accepted_form;
  bool (*apply)(HostFaults& faults, std::string_view value);
  bool is_repeatable = false;
};

bool add_period(std::vector<netsim::Period>& periods, std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return false;
  const auto from = parse_duration(text.substr(0, dash));
  const auto to = parse_duration(text.substr(dash + 1));
  if (!from || !to || *from >= *to) return false;
  periods.push_back({*from, *to});
  return true;
}

bool apply_send_block(HostFaults& faults, std::string_view text) {
  const std::size_t comma = text.find(',');
  const auto probability = parse_probability(text.substr(0, comma));
  if (!probability) return false;
  if (comma != std::string_view::npos) {
    const auto time = parse_duration(text.substr(comma + 1));
    if (!time || *time == Duration::zero()) return false;
    faults.blocked_for = *time;
  }
  faults.send_blocked = *probability;
  return true;
}

bool apply_send_refuse(HostFaults& faults, std::string_view text) {
  const auto probability = parse_probability(text);
  if (probability) faults.send_refused = *probability;
  return probability.has_value();
}

bool apply_receive_buffer(HostFaults& faults, std::string_view text) {
  const auto datagrams = parse_count(text, kReceiveBufferMax);
  if (datagrams) faults.receive_buffer = static_cast<std::size_t>(*datagrams);
  return datagrams.has_value();
}

bool apply_read_interval(HostFaults& faults, std::string_view text) {
  const auto interval = parse_duration(text);
  if (interval) faults.read_interval = *interval;
  return interval.has_value();
}

bool apply_clock_jump(HostFaults& faults, std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const auto at = parse_duration(text.substr(0, colon));
  const auto by = parse_duration(text.substr(colon + 1));
  if (!at || !by) return false;
  faults.clock_jumps.push_back({*at, *by});
  return true;
}

bool apply_clock_drift(HostFaults& faults, std::string_view text) {
  const bool is_slow = text.starts_with('-');
  if (is_slow) text.remove_prefix(1);
  const auto ppm = parse_number(text);
  if (!ppm || *ppm > static_cast<std::uint64_t>(kDriftMax)) return false;
  faults.clock_drift_ppm =
      is_slow ? -static_cast<std::int64_t>(*ppm) : static_cast<std::int64_t>(*ppm);
  return true;
}

constexpr HostSetting kSettings[] = {
    {"send-block", "P[,D]", "a send finds the socket full; tried again after D (1ms)",
     "a probability and a duration such as 10% or 10%,5ms", apply_send_block},
    {"send-refuse", "P", "a send is refused for want of buffers, and lost", kProbabilityForm,
     apply_send_refuse},
    {"pause", "A-B", "the process does not run from A to B; repeats", kPeriodForm,
     [](HostFaults& f, std::string_view v) { return add_period(f.pauses, v); }, true},
    {"crash", "A-B", "the process dies at A, a new one without connections runs from B; repeats",
     kPeriodForm, [](HostFaults& f, std::string_view v) { return add_period(f.crashes, v); }, true},
    {"receive-buffer", "N", "datagrams that wait in the socket during a pause (1024)",
     "a whole number from 1 to 1000000", apply_receive_buffer},
    {"read-interval", "D", "the application takes an event no sooner than D after another",
     kDurationForm, apply_read_interval},
    {"clock-freeze", "A-B", "the clock stands still from A to B; repeats", kPeriodForm,
     [](HostFaults& f, std::string_view v) { return add_period(f.clock_freezes, v); }, true},
    {"clock-jump", "T:D", "at T the clock is set forward by D; repeats",
     "a time and a duration such as 5s:1s", apply_clock_jump, true},
    {"clock-drift", "PPM", "how much too fast the clock runs, in millionths",
     "a whole number from -500000 to 500000", apply_clock_drift},
};

void add_setting(CLI::App& app, const std::string& prefix, const HostSetting& setting,
                 std::span<HostFaults> hosts) {
  const std::string name = fmt::format("--{}{}", prefix, setting.name);
  const auto take = [name, &setting, hosts](const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      for (HostFaults& faults : hosts) {
        if (!setting.apply(faults, value)) {
          throw CLI::ValidationError(name, refusal(value, setting.accepted_form));
        }
      }
    }
  };
  CLI::Option* added =
      app.add_option_function<std::vector<std::string>>(name, take, std::string(setting.help));
  if (!setting.is_repeatable) added->expected(1);
  added->type_name(std::string(setting.placeholder))->allow_extra_args(false);
  added->group(prefix.empty() ? kGroup : "");
}

}  // namespace

void HostOptions::add_to(CLI::App& app) {
  const std::span<HostFaults> both(faults_);
  for (const HostSetting& setting : kSettings) {
    add_setting(app, "", setting, both);
    add_setting(app, "client-", setting, both.first(1));
    add_setting(app, "server-", setting, both.last(1));
  }
}

}  // namespace hawser::cli
