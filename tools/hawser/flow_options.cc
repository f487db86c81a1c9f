#include "tools/hawser/flow_options.h"

#include <algorithm>
#include <functional>
#include <span>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tools/hawser/value_text.h"

namespace hawser::cli {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kWindowMax = std::uint64_t{1} << 20;
constexpr std::uint64_t kLossThresholdMax = 50;

// What the keys say, before they are put together.
struct FlowDraft {
  FlowSpec spec;
  std::optional<ByteCount> size;
  std::optional<ByteCount> bytes;
  std::optional<std::uint64_t> count;
  std::optional<std::uint64_t> burst;
  std::optional<Duration> interval;
};

struct FlowKey {
  std::string_view name;
  std::string_view accepted;  // completes "give ..."
  bool (*apply)(FlowDraft& draft, std::string_view value);
};

// Stores a parsed value; false if there is none.
template <typename Target, typename Value>
bool store(Target& target, const std::optional<Value>& value) {
  if (value) target = *value;
  return value.has_value();
}

std::optional<bool> parse_switch(std::string_view text) {
  if (text == "1") return true;
  if (text == "0") return false;
  return std::nullopt;
}

template <typename Value>
struct Choice {
  std::string_view name;
  Value value;
};
template <typename Value, std::size_t kCount>
std::optional<Value> choose(const Choice<Value> (&choices)[kCount], std::string_view name) {
  for (const Choice<Value>& choice : choices) {
    if (choice.name == name) return choice.value;
  }
  return std::nullopt;
}

std::optional<Duration> parse_duration_between(std::string_view text, Duration least,
                                               Duration most) {
  const std::optional<Duration> duration = parse_duration(text);
  return duration && *duration >= least && *duration <= most ? duration : std::nullopt;
}

constexpr Choice<TrafficMode> kModes[] = {{"bulk", TrafficMode::bulk},
                                          {"messages", TrafficMode::messages},
                                          {"pingpong", TrafficMode::pingpong}};
constexpr Choice<Delivery> kChannels[] = {{"ordered", Delivery::ordered},
                                          {"unordered", Delivery::unordered},
                                          {"unreliable", Delivery::unreliable}};
constexpr Choice<Arq> kArqs[] = {{"selective_repeat", Arq::selective_repeat},
                                 {"go_back_n", Arq::go_back_n},
                                 {"stop_and_wait", Arq::stop_and_wait}};
constexpr Choice<bool> kSenders[] = {{"client", false}, {"server", true}};

bool apply_reader_stop(FlowDraft& draft, std::string_view value) {
  const std::size_t dash = value.find('-');
  if (dash == std::string_view::npos) return false;
  const auto from = parse_duration(value.substr(0, dash));
  const auto to = parse_duration(value.substr(dash + 1));
  if (!from || !to || *from >= *to) return false;
  draft.spec.reader_stop = TimeSpan{*from, *to};
  return true;
}

bool apply_connection(FlowDraft& draft, std::string_view value) {
  draft.spec.connection = value;
  return !value.empty();
}

constexpr std::string_view kSwitchForm = "0 or 1";
constexpr std::string_view kCountForm = "a whole number from 1";
constexpr std::string_view kWindowForm = "a whole number from 1 to 1048576";
constexpr std::string_view kMessageSizeForm = "a size from 0 to 16MiB";
constexpr std::string_view kCwndForm = "a size from 1 to 1GiB";
constexpr std::string_view kReceiveWindowForm = "a size from 1KiB to 1GiB";
constexpr std::string_view kCreditForm = "a size from 64KiB to 1GiB";

const FlowKey kFlowKeys[] = {
    {"mode", "bulk, messages or pingpong",
     [](FlowDraft& d, std::string_view v) { return store(d.spec.mode, choose(kModes, v)); }},
    {"size", kMessageSizeForm,
     [](FlowDraft& d, std::string_view v) {
       return store(d.size, parse_size_between(v, ByteCount(0), kMessageSizeMax));
     }},
    {"bytes", kSizeForm,
     [](FlowDraft& d, std::string_view v) { return store(d.bytes, parse_size(v)); }},
    {"count", kCountForm,
     [](FlowDraft& d, std::string_view v) {
       return store(d.count, parse_count(v, TrafficPlan::kUnbounded - 1));
     }},
    {"interval", kDurationForm,
     [](FlowDraft& d, std::string_view v) { return store(d.interval, parse_duration(v)); }},
    {"burst", kCountForm,
     [](FlowDraft& d, std::string_view v) { return store(d.burst, parse_count(v, kWindowMax)); }},
    {"reply_size", kMessageSizeForm,
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.reply_size, parse_size_between(v, ByteCount(0), kMessageSizeMax));
     }},
    {"channel", "ordered, unordered or unreliable",
     [](FlowDraft& d, std::string_view v) { return store(d.spec.delivery, choose(kChannels, v)); }},
    {"from", "client or server",
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.is_from_server, choose(kSenders, v));
     }},
    {"start", kDurationForm,
     [](FlowDraft& d, std::string_view v) { return store(d.spec.start, parse_duration(v)); }},
    {"reader_stop", "two times such as 2s-5s, the first one earlier", apply_reader_stop},
    {"connection", "a name", apply_connection},
    {"cc", controller_form(),
     [](FlowDraft& d, std::string_view v) { return store(d.spec.cc, parse_controller(v)); }},
    {"window", kWindowForm,
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.window_packets, parse_count(v, kWindowMax));
     }},
    {"aimd_increase_percent", "a whole number from 1 to 10000",
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.aimd_increase_percent, parse_count(v, 10'000));
     }},
    {"aimd_decrease_percent", "a whole number from 1 to 99",
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.aimd_decrease_percent, parse_count(v, 99));
     }},
    {"ledbat_target", "a duration from 1ms to 100ms",
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.ledbat_target,
                    parse_duration_between(v, milliseconds(1), milliseconds(100)));
     }},
    {"copa_delta_percent", "a whole number from 1 to 100",
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.copa_delta_percent, parse_count(v, 100));
     }},
    {"cwnd_initial", kCwndForm,
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.cwnd_initial, parse_size_between(v, ByteCount(1), ByteCount(1 << 30)));
     }},
    {"cwnd_min", kCwndForm,
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.cwnd_min, parse_size_between(v, ByteCount(1), ByteCount(1 << 30)));
     }},
    {"cwnd_max", kCreditForm,
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.cwnd_max,
                    parse_size_between(v, ByteCount(64 << 10), ByteCount(1 << 30)));
     }},
    {"fast_convergence", kSwitchForm,
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.fast_convergence, parse_switch(v));
     }},
    {"spurious_undo", kSwitchForm,
     [](FlowDraft& d, std::string_view v) { return store(d.spec.spurious_undo, parse_switch(v)); }},
    {"hystart", kSwitchForm,
     [](FlowDraft& d, std::string_view v) { return store(d.spec.hystart, parse_switch(v)); }},
    {"prr", kSwitchForm,
     [](FlowDraft& d, std::string_view v) { return store(d.spec.prr, parse_switch(v)); }},
    {"loss_threshold", "a whole number of percent from 1 to 50",
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.loss_threshold_percent, parse_count(v, kLossThresholdMax));
     }},
    {"ecn", kSwitchForm,
     [](FlowDraft& d, std::string_view v) { return store(d.spec.ecn, parse_switch(v)); }},
    {"connects_on_accept", kSwitchForm,
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.connects_on_accept, parse_switch(v));
     }},
    {"resumed", kSwitchForm,
     [](FlowDraft& d, std::string_view v) { return store(d.spec.resumed, parse_switch(v)); }},
    {"arq", "selective_repeat, go_back_n or stop_and_wait",
     [](FlowDraft& d, std::string_view v) { return store(d.spec.arq, choose(kArqs, v)); }},
    {"send_window", kWindowForm,
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.send_window, parse_count(v, kWindowMax));
     }},
    {"receive_window", kReceiveWindowForm,
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.receive_window,
                    parse_size_between(v, ByteCount(1 << 10), ByteCount(1 << 30)));
     }},
    {"delay", kDurationForm,
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.access_delay, parse_duration(v));
     }},
    {"rate", kRateForm,
     [](FlowDraft& d, std::string_view v) { return store(d.spec.access_rate, parse_rate(v)); }},
    {"queue", "a limit before rate= such as 100p, 125000b or 20ms; without it there is none",
     [](FlowDraft& d, std::string_view v) {
       return store(d.spec.access_queue, parse_queue_limit(v));
     }},
    {"hops", "a hop or a range of them such as 2 or 1-3, counted from 1",
     [](FlowDraft& d, std::string_view v) { return store(d.spec.hops, parse_hops(v)); }},
    {"copies", "a whole number from 1 to 1000",
     [](FlowDraft& d, std::string_view v) { return store(d.spec.copies, parse_count(v, 1000)); }},
    {"delay_step", kDurationForm,
     [](FlowDraft& d, std::string_view v) { return store(d.spec.delay_step, parse_duration(v)); }},
};

[[noreturn]] void refuse(const std::string& line) { throw CLI::ValidationError("--flow", line); }

void apply_item(FlowDraft& draft, std::string_view item) {
  const std::size_t equals = item.find('=');
  const std::string_view name = item.substr(0, equals);
  const auto* key = std::ranges::find(kFlowKeys, name, &FlowKey::name);
  if (key == std::end(kFlowKeys)) {
    std::string known;
    for (const FlowKey& each : kFlowKeys) {
      known += fmt::format("{}{}", known.empty() ? "" : ", ", each.name);
    }
    refuse(fmt::format("unknown key '{}': accepted are {}", name, known));
  }
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1);
  if (!key->apply(draft, value)) {
    refuse(fmt::format("{}: {}", name, refusal(value, key->accepted)));
  }
}

void refuse_options_of_other_controllers(const FlowSpec& spec) {
  struct Option {
    bool is_given;
    std::string_view name;
    std::string_view controller;
  };
  for (const Option& option : {
           Option{spec.window_packets.has_value(), "window", "fixed"},
           Option{spec.loss_threshold_percent.has_value(), "loss_threshold", "bbr"},
           Option{spec.aimd_increase_percent.has_value(), "aimd_increase_percent", "aimd"},
           Option{spec.aimd_decrease_percent.has_value(), "aimd_decrease_percent", "aimd"},
           Option{spec.ledbat_target.has_value(), "ledbat_target", "ledbat"},
           Option{spec.copa_delta_percent.has_value(), "copa_delta_percent", "copa"},
       }) {
    if (!option.is_given || spec.cc == option.controller) continue;
    refuse(fmt::format("{}= is for cc={}", option.name, option.controller));
  }
}

// Defaults and contradictions.
FlowSpec resolve(const FlowDraft& draft) {
  FlowSpec spec = draft.spec;
  const bool is_bulk = spec.mode == TrafficMode::bulk;
  spec.size = draft.size.value_or(is_bulk ? ByteCount(64 << 10) : ByteCount(200));
  if (spec.mode == TrafficMode::messages) spec.interval = std::chrono::milliseconds(10);
  if (draft.interval) spec.interval = *draft.interval;
  if (draft.count) spec.count = *draft.count;
  if (draft.bytes) {
    if (draft.count) refuse("bytes= and count= both limit the flow: give one of them");
    if (spec.size == ByteCount(0)) refuse("bytes= cannot be reached by messages of size=0");
    const ByteCount rounded_up = *draft.bytes + spec.size - ByteCount(1);
    spec.count = static_cast<std::uint64_t>(rounded_up.value() / spec.size.value());
  }
  if (draft.burst) {
    if (spec.mode != TrafficMode::messages) refuse("burst= is for mode=messages");
    spec.burst = *draft.burst;
  }
  if (is_bulk && draft.interval) refuse("interval= is for mode=messages and mode=pingpong");
  if (spec.mode == TrafficMode::messages && spec.interval == Duration::zero() &&
      !spec.is_finite()) {
    refuse("interval=0 makes all messages due at once: give count= too");
  }
  if (spec.mode != TrafficMode::pingpong && spec.reply_size) {
    refuse("reply_size= is for mode=pingpong");
  }
  if (spec.mode == TrafficMode::pingpong && spec.delivery == Delivery::unreliable) {
    refuse("mode=pingpong waits for answers and needs channel=ordered or channel=unordered");
  }
  refuse_options_of_other_controllers(spec);
  if (spec.access_queue && !spec.access_rate) refuse("queue= has no effect without rate=");
  if (spec.copies > 1 && !spec.connection.empty()) {
    refuse("copies= are flows on connections of their own: leave connection= out");
  }
  if (spec.copies == 1 && spec.delay_step > Duration::zero()) refuse("delay_step= is for copies=");
  return spec;
}

}  // namespace

FlowSpec parse_flow(std::string_view text) {
  FlowDraft draft;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    apply_item(draft, text.substr(0, comma));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return resolve(draft);
}

std::vector<FlowSpec> copies_of(const FlowSpec& flow) {
  std::vector<FlowSpec> copies(static_cast<std::size_t>(flow.copies), flow);
  Duration more{0};
  for (FlowSpec& copy : copies) {
    if (more > Duration::zero()) {
      copy.access_delay = flow.access_delay.value_or(Duration::zero()) + more;
    }
    more += flow.delay_step;
  }
  return copies;
}

std::string flow_help() {
  std::string help;
  for (const FlowKey& key : kFlowKeys) {
    help += fmt::format("  {:<18}{}\n", fmt::format("{}=", key.name), key.accepted);
  }
  return help;
}

}  // namespace hawser::cli
