#include "tools/hawser/path_options.h"

#include <algorithm>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tools/hawser/path_settings.h"
#include "tools/hawser/value_text.h"

namespace hawser::cli {
namespace {

using netsim::LinkConfig;
using netsim::PathConfig;
using Given = PathOptions::Given;
using Scope = PathOptions::Scope;

constexpr char kGroup[] = "Path (each also with --up- or --down-)";
constexpr char kHiddenGroup[] = "";
constexpr char kChangeForm[] = "a time and settings such as 5s:loss=10%,rate=5mbit";

constexpr std::string_view prefix_of(Scope scope) {
  switch (scope) {
    case Scope::up:
      return "up-";
    case Scope::down:
      return "down-";
    case Scope::both:
      break;
  }
  return "";
}

std::string option_name(Scope scope, std::string_view name) {
  return fmt::format("--{}{}", prefix_of(scope), name);
}

// Removes an "up-" or "down-" from the front of `name` and says which it was.
Scope take_prefix(std::string_view& name) {
  for (const Scope scope : {Scope::up, Scope::down}) {
    if (!name.starts_with(prefix_of(scope))) continue;
    name.remove_prefix(prefix_of(scope).size());
    return scope;
  }
  return Scope::both;
}

// "a=1,b=2,3,c=4" as "a=1", "b=2,3", "c=4": values have commas of their own.
std::vector<std::string_view> split_settings(std::string_view text) {
  std::vector<std::string_view> settings;
  while (!text.empty()) {
    std::size_t end = text.find(',');
    while (end != std::string_view::npos) {
      const std::size_t next = text.find(',', end + 1);
      if (text.substr(end, next - end).find('=') != std::string_view::npos) break;
      end = next;
    }
    settings.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return settings;
}

// A setting that does nothing without another one, or without any of several.
struct Dependence {
  std::string_view setting;
  std::vector<std::string_view> needs;
  bool (*is_met)(const LinkConfig& link);  // by the path where no option says otherwise
};
constexpr bool has_jitter(const LinkConfig& link) { return link.jitter.spread > Duration::zero(); }
bool has_rate(const LinkConfig& link) { return link.has_rate(); }
constexpr bool has_reordering(const LinkConfig& link) {
  return !link.reorder.probability.is_zero();
}
constexpr bool has_corruption(const LinkConfig& link) { return !link.damage.corrupt.is_zero(); }
constexpr bool has_random_loss(const LinkConfig& link) {
  return !link.loss.is_zero() || link.loss_ge || link.loss_ge_time || link.loss_state;
}
constexpr bool can_reorder(const LinkConfig& link) {
  return link.delay > Duration::zero() || has_jitter(link) || !link.reorder.skips_delay();
}
const Dependence kDependences[] = {
    {"jitter-dist", {"jitter"}, has_jitter},
    {"jitter-correlation", {"jitter"}, has_jitter},
    // There must be a delay to skip.
    {"reorder", {"rtt", "delay", "jitter", "reorder-depth", "reorder-delay"}, can_reorder},
    {"reorder-gap", {"reorder"}, has_reordering},
    {"reorder-depth", {"reorder"}, has_reordering},
    {"reorder-delay", {"reorder"}, has_reordering},
    {"loss-burst-max", {"loss", "loss-ge", "loss-ge-time", "loss-state"}, has_random_loss},
    {"replay-age",
     {"replay"},
     [](const LinkConfig& link) { return !link.replay.probability.is_zero(); }},
    {"corrupt-bits", {"corrupt"}, has_corruption},
    {"corrupt-burst", {"corrupt"}, has_corruption},
    {"queue", {"rate", "trace"}, has_rate},
    {"ecn-mark", {"rate", "trace"}, has_rate},
    {"aqm", {"rate", "trace"}, has_rate},
    {"clog-every",
     {"clog-for"},
     [](const LinkConfig& link) { return link.random_clogs.mean_clogged > Duration::zero(); }},
    {"clog-for",
     {"clog-every"},
     [](const LinkConfig& link) { return link.random_clogs.mean_free > Duration::zero(); }},
};

// Of these only one may be given for the same direction; at a later time it replaces the other.
constexpr std::pair<std::string_view, std::string_view> kExclusions[] = {
    {"rtt", "delay"},
    {"trace", "rate"},
    {"reorder-depth", "reorder-delay"},
    {"corrupt-bits", "corrupt-burst"}};

// What goes beside --netem in one direction; it has words for all else.
constexpr std::string_view kBesideNetem[] = {"netem", "mtu",        "ecn-fault", "blackout",
                                             "clog",  "clog-every", "clog-for",  "aggregate"};

// Each says alone what is lost, where independent loss is not asked for, too.
constexpr std::string_view kLossModels[] = {"loss-ge", "loss-ge-time", "loss-state",
                                            "loss-pattern"};

constexpr bool overlaps(Scope one, Scope other) {
  return one == Scope::both || other == Scope::both || one == other;
}

// A probability of zero, or the word for it: a series may begin at none.
bool asks_for_nothing(std::string_view value) {
  const auto probability = parse_probability(value);
  return value == kNone || (probability && probability->is_zero());
}

// Refuses two settings at once of which only one can hold.
void refuse_exclusions(const std::vector<Given>& settings) {
  const auto find = [&](std::string_view name, Scope scope) {
    return std::ranges::find_if(settings, [&](const Given& given) {
      return given.setting == name && given.scope == scope && given.value != kNone;
    });
  };
  for (const Scope scope : {Scope::both, Scope::up, Scope::down}) {
    for (const auto& [one, other] : kExclusions) {
      const auto first = find(one, scope);
      const auto second = find(other, scope);
      if (first == settings.end() || second == settings.end()) continue;
      throw CLI::ValidationError(fmt::format("{} excludes {}", first->shown, second->shown));
    }
  }
}

// The netem in force in each direction, as it was given. Empty: none.
struct NetemInForce {
  std::string up;
  std::string down;

  const std::string& of(Scope scope) const {
    return scope == Scope::down || (scope == Scope::both && up.empty()) ? down : up;
  }
  // Takes what is given at one time, and refuses what a netem has words for.
  void take(const std::vector<Given>& settings) {
    for (const Given& given : settings) {
      if (given.setting != "netem") continue;
      const std::string shown = given.value == kNone ? "" : given.shown;
      if (given.scope != Scope::down) up = shown;
      if (given.scope != Scope::up) down = shown;
    }
    for (const Given& given : settings) {
      const std::string& netem = of(given.scope);
      const bool goes_beside =
          std::ranges::find(kBesideNetem, given.setting) != std::end(kBesideNetem);
      if (goes_beside || netem.empty()) continue;
      throw CLI::ValidationError(
          given.shown,
          fmt::format("{} takes its place: say it in netem's words, or leave out one of the two",
                      netem));
    }
  }
};

// What `--at` accepts.
std::string changeable_names() {
  std::vector<std::string_view> names;
  for (const PathSetting& setting : path_settings()) {
    if (!setting.is_repeatable) names.push_back(setting.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

// Why a name is none that `--at` accepts.
std::string complaint_about_change(Scope scope, std::string_view name) {
  const PathSetting* setting = find_path_setting(name);
  const bool is_rebind = name == "rebind" && scope == Scope::both;
  if (setting == nullptr && !is_rebind) {
    return fmt::format("'{}' is nothing that can change: give {}", name, changeable_names());
  }
  return fmt::format("'{}' has times of its own: give {} {}", name, option_name(scope, name),
                     is_rebind ? "T" : setting->placeholder);
}

// Both directions while settings are being applied to them.
struct PathDraft {
  LinkDraft up;
  LinkDraft down;

  bool apply(Scope scope, const PathSetting& setting, std::string_view value) {
    up.is_for_both = down.is_for_both = scope == Scope::both;
    bool is_accepted = true;
    if (scope != Scope::down) is_accepted = setting.apply(up, value);
    if (scope != Scope::up) is_accepted = setting.apply(down, value) && is_accepted;
    return is_accepted;
  }

  void drop_independent_loss(Scope scope) {
    if (scope != Scope::down) up.link.loss = {};
    if (scope != Scope::up) down.link.loss = {};
  }

  // Applies a value, or throws what is wrong with it: `shown` says how it was given to `option`.
  void apply_or_throw(const Given& given, const std::string& option, std::string_view shown) {
    const PathSetting& setting = *find_path_setting(given.setting);
    if (apply(given.scope, setting, given.value)) return;
    const std::string& problem = up.problem.empty() ? down.problem : up.problem;
    throw CLI::ValidationError(option,
                               problem.empty() ? refusal(shown, setting.accepted()) : problem);
  }

  // Turns queue limits in bandwidth-delay products into bytes, for `option`'s sake. A direction
  // without a rate has no queue to limit, but one of the two must have a rate.
  void resolve_queues(const std::string& option) {
    const Duration rtt = up.link.delay + down.link.delay;
    const bool has_rate = up.link.has_rate() || down.link.has_rate();
    for (LinkDraft* draft : {&up, &down}) {
      if (draft->queue_bdp_thousandths == 0) continue;
      if (!has_rate || rtt == Duration::zero()) {
        throw CLI::ValidationError(
            option, "a queue in bdp is a rate times a round-trip time: give --rate and --rtt too");
      }
      LinkConfig& link = draft->link;
      if (link.has_rate()) {
        link.queue.bytes =
            link.mean_rate().scaled(draft->queue_bdp_thousandths, 1000).bytes_in(rtt);
      }
      draft->queue_bdp_thousandths = 0;
    }
  }
};

}  // namespace

void PathOptions::add_to(CLI::App& app) {
  for (const Scope scope : {Scope::both, Scope::up, Scope::down}) {
    for (const PathSetting& setting : path_settings()) add_setting(app, scope, setting.name);
    add_changes(app, scope);
  }
  for (const auto& [one, other] : kExclusions) {
    app.get_option(option_name(Scope::both, one))
        ->excludes(app.get_option(option_name(Scope::both, other)));
  }
  const auto add_rebinds = [this](const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      const auto time = parse_duration(value);
      if (!time) throw CLI::ValidationError("--rebind", refusal(value, kDurationForm));
      rebinds_.push_back(*time);
    }
  };
  app.add_option_function<std::vector<std::string>>(
         "--rebind", add_rebinds, "the client's address and port change at T; repeats")
      ->type_name("T")
      ->allow_extra_args(false)
      ->group(kGroup);
}

void PathOptions::add_setting(CLI::App& app, Scope scope, std::string_view name) {
  const PathSetting& setting = *find_path_setting(name);
  const std::string option = option_name(scope, name);
  const auto take = [this, scope, &setting, option](const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      given_.push_back({scope, std::string(setting.name), value, option});
      PathDraft().apply_or_throw(given_.back(), option, value);
    }
  };
  CLI::Option* added =
      app.add_option_function<std::vector<std::string>>(option, take, std::string(setting.help));
  if (!setting.is_repeatable) added->expected(1);
  added->type_name(std::string(setting.placeholder))->allow_extra_args(false);
  added->group(scope == Scope::both ? kGroup : kHiddenGroup);
}

void PathOptions::add_changes(CLI::App& app, Scope scope) {
  const auto take = [this, scope](const std::vector<std::string>& values) {
    for (const std::string& value : values) changes_.push_back(parse_change(scope, value));
  };
  app.add_option_function<std::vector<std::string>>(
         option_name(scope, "at"), take,
         "changes the path at time T; none takes a setting back; repeats")
      ->type_name("T:option=value[,..]")
      ->allow_extra_args(false)
      ->group(scope == Scope::both ? kGroup : kHiddenGroup);
}

PathOptions::GivenChange PathOptions::parse_change(Scope scope, const std::string& text) {
  const std::string option = option_name(scope, "at");
  const std::size_t colon = text.find(':');
  const auto time = parse_duration(std::string_view(text).substr(0, colon));
  if (colon == std::string::npos || colon + 1 == text.size() || !time) {
    throw CLI::ValidationError(option, refusal(text, kChangeForm));
  }
  GivenChange change{*time, {}};
  for (const std::string_view item : split_settings(std::string_view(text).substr(colon + 1))) {
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) {
      throw CLI::ValidationError(option, refusal(text, kChangeForm));
    }
    std::string_view name = item.substr(0, equals);
    const std::string_view value = item.substr(equals + 1);
    const Scope item_scope = scope == Scope::both ? take_prefix(name) : scope;
    const PathSetting* setting = find_path_setting(name);
    if (setting == nullptr || setting->is_repeatable) {
      throw CLI::ValidationError(option, complaint_about_change(item_scope, name));
    }
    change.settings.push_back({item_scope, std::string(name), std::string(value),
                               fmt::format("{} {}:{}", option, text.substr(0, colon), item)});
    PathDraft().apply_or_throw(change.settings.back(), option, item);
  }
  // All else is said in the mode that a netem, or the end of one, leaves behind.
  std::stable_partition(change.settings.begin(), change.settings.end(),
                        [](const Given& given) { return given.setting == "netem"; });
  return change;
}

// For a direction of that scope, at the start or later.
bool PathOptions::is_given(std::string_view setting, Scope scope) const {
  const auto is_it = [&](const Given& given) {
    return given.setting == setting && overlaps(given.scope, scope);
  };
  return std::ranges::any_of(given_, is_it) ||
         std::ranges::any_of(changes_, [&](const GivenChange& change) {
           return std::ranges::any_of(change.settings, is_it);
         });
}

// A setting that does nothing, at any time, in any of its directions.
bool PathOptions::is_idle(const Given& given, const std::vector<std::string_view>& needs,
                          bool (*is_met)(const LinkConfig&)) const {
  if (asks_for_nothing(given.value)) return false;
  if (given.scope != Scope::down && is_met(defaults_.up)) return false;
  if (given.scope != Scope::up && is_met(defaults_.down)) return false;
  return std::ranges::none_of(
      needs, [&](std::string_view needed) { return is_given(needed, given.scope); });
}

void PathOptions::refuse_idle_settings(const std::vector<Given>& settings) const {
  for (const Given& given : settings) {
    for (const auto& [setting, needs, is_met] : kDependences) {
      if (given.setting != setting || !is_idle(given, needs, is_met)) continue;
      std::vector<std::string> needed;
      for (const std::string_view name : needs) needed.push_back(option_name(given.scope, name));
      throw CLI::ValidationError(
          given.shown, fmt::format("it has no effect without {}", fmt::join(needed, " or ")));
    }
  }
}

std::vector<PathOptions::GivenChange> PathOptions::changes_by_time() const {
  std::vector<GivenChange> changes = changes_;
  std::ranges::stable_sort(changes, {}, &GivenChange::at);
  return changes;
}

PathConfig PathOptions::resolve() const {
  PathDraft draft{{.link = defaults_.up, .is_up = true}, {.link = defaults_.down, .is_up = false}};
  NetemInForce netem;
  const auto apply = [&](const std::vector<Given>& settings, const std::string& option) {
    netem.take(settings);
    refuse_exclusions(settings);
    for (const Given& given : settings) {
      // Refused by now only if a file is another one than before.
      draft.apply_or_throw(given, option_name(given.scope, given.setting), given.value);
    }
    draft.resolve_queues(option);
  };
  // Loss that nobody asked for goes where a model says alone what is lost.
  for (const Given& given : given_) {
    const bool is_model = std::ranges::find(kLossModels, given.setting) != std::end(kLossModels);
    if (is_model && given.value != kNone) draft.drop_independent_loss(given.scope);
  }
  apply(given_, "--queue");

  PathConfig path = defaults_;
  path.up = draft.up.link;
  path.down = draft.down.link;
  const std::vector<GivenChange> changes = changes_by_time();
  for (const GivenChange& change : changes) {
    apply(change.settings, "--at");
    path.changes.push_back({change.at, draft.up.link, draft.down.link});
  }
  refuse_idle_settings(given_);
  for (const GivenChange& change : changes) refuse_idle_settings(change.settings);
  path.rebinds.insert(path.rebinds.end(), rebinds_.begin(), rebinds_.end());
  std::sort(path.rebinds.begin(), path.rebinds.end());
  return path;
}

std::vector<std::string> PathOptions::words_beyond(std::span<const std::string_view> known,
                                                   bool is_up) const {
  const Scope direction = is_up ? Scope::up : Scope::down;
  std::vector<std::string> words;
  for (const Given& given : given_) {
    if (!overlaps(given.scope, direction) || given.value == kNone) continue;
    if (std::ranges::find(known, given.setting) != known.end()) continue;
    words.push_back(fmt::format("{} {}", given.setting, given.value));
  }
  for (const GivenChange& change : changes_by_time()) {
    for (const Given& given : change.settings) {
      if (!overlaps(given.scope, direction)) continue;
      words.push_back(
          fmt::format("{} {} from {} on", given.setting, given.value, format_duration(change.at)));
    }
  }
  return words;
}

}  // namespace hawser::cli
