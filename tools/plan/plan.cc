#include "tools/plan/plan.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/hawser/value_text.h"
#include "tools/hawser/workers.h"
#include "tools/plan/figures.h"

namespace hawser::plan {
namespace {

// What `--seed` takes.
constexpr std::int64_t kSeedMax = 999'999'999'999'999;
constexpr std::string_view kSeedsForm = "\"1-20\", a seed, or a list of seeds such as [1, 2, 7]";
constexpr std::string_view kChoiceForm =
    "words of hawser sim such as \"--loss 1%\", or {label = \"1 %\", options = \"--loss 1%\"}";

std::string_view type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::table:
      return "a table";
    default:
      return "a date or time";
  }
}

// A value as an error names it.
std::string shown(const toml::node& node) {
  if (const auto number = node.value_exact<std::int64_t>()) return fmt::format("'{}'", *number);
  if (const auto text = node.value_exact<std::string_view>()) return fmt::format("'{}'", *text);
  return std::string(type_name(node));
}

std::size_t line_of(const toml::source_region& place) { return place.begin.line; }

struct Entry {
  const toml::key& key;
  const toml::node& value;
  std::string_view name() const { return key.str(); }
  std::size_t line() const { return line_of(key.source()); }
};

// In the order of the file; the parser's own is the alphabet's.
std::vector<Entry> entries_of(const toml::table& table) {
  std::vector<const toml::key*> keys;
  for (const auto& [key, value] : table) keys.push_back(&key);
  std::ranges::sort(keys, [](const toml::key* a, const toml::key* b) {
    return a->source().begin < b->source().begin;
  });
  std::vector<Entry> entries;
  for (const toml::key* key : keys) entries.push_back({*key, *table.get(key->str())});
  return entries;
}

// Gives a label to those that have none: their words, but for an option that all of them are about.
void label_choices(std::vector<Choice>& choices) {
  std::vector<Choice*> nameless;
  for (Choice& choice : choices) {
    if (choice.label.empty()) nameless.push_back(&choice);
  }
  const bool is_one_option = std::ranges::all_of(nameless, [&nameless](const Choice* choice) {
    return choice->words.size() == 2 && choice->words.front() == nameless.front()->words.front();
  });
  for (Choice* choice : nameless) {
    choice->label =
        is_one_option ? choice->words.back() : fmt::format("{}", fmt::join(choice->words, " "));
    if (choice->label.empty()) choice->label = "none";
  }
}

class Reader {
 public:
  explicit Reader(const std::string& file) {
    plan_.file = file;
    plan_.name = std::filesystem::path(file).stem().string();
  }

  Plan read(const toml::table& root) && {
    plan_.common.line = 1;
    for (const Entry& entry : entries_of(root)) {
      if (entry.name() == "plan") {
        plan_.common.line = entry.line();
        for (const Entry& setting : entries_of(table(entry))) read_setting(setting);
      } else if (entry.name() == "grid") {
        grid_line_ = entry.line();
        for (const Entry& column : entries_of(table(entry))) read_column(column);
      } else {
        refuse(entry.line(), "unknown table or key '{}': give [plan] and [grid]", entry.name());
      }
    }
    check_size();
    return std::move(plan_);
  }

 private:
  template <typename... Args>
  [[noreturn]] void refuse(std::size_t line, fmt::format_string<Args...> text,
                           Args&&... args) const {
    throw PlanError(plan_.file, line, fmt::format(text, std::forward<Args>(args)...));
  }
  [[noreturn]] void refuse_type(const Entry& entry, std::string_view accepted) const {
    refuse(entry.line(), "'{}' is {}: give {}", entry.name(), type_name(entry.value), accepted);
  }

  const toml::table& table(const Entry& entry) const {
    if (!entry.value.is_table()) refuse_type(entry, fmt::format("a table [{}]", entry.name()));
    return *entry.value.as_table();
  }

  // Tables and command lines have no place for control characters.
  std::string checked(std::string_view text, std::size_t line) const {
    const auto is_control = [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    };
    if (std::ranges::any_of(text, is_control))
      refuse(line, "a control character is not accepted in a text: give one line");
    return std::string(text);
  }

  std::string text(const Entry& entry) const {
    const auto value = entry.value.value_exact<std::string_view>();
    if (!value) refuse_type(entry, "a text such as \"...\"");
    return checked(*value, entry.line());
  }

  Words words(std::string_view text, std::size_t line) const {
    std::string flat(text);
    std::ranges::replace(flat, '\n', ' ');
    auto words = split_words(checked(flat, line));
    if (!words) refuse(line, "{}: a quote is left open", text);
    for (const std::string& word : *words) {
      if (word == "--seed" || word.starts_with("--seed="))
        refuse(line, "--seed is not accepted here: give seeds = \"1-20\" in [plan]");
    }
    return *std::move(words);
  }

  void read_setting(const Entry& entry) {
    if (entry.name() == "name") {
      plan_.name = text(entry);
    } else if (entry.name() == "seeds") {
      plan_.seeds = seeds(entry);
    } else if (entry.name() == "jobs") {
      const auto jobs = entry.value.value_exact<std::int64_t>();
      if (!jobs || *jobs < 1 || *jobs > cli::kJobsMax)
        refuse(entry.line(), "jobs: {} is not accepted: give a whole number from 1 to {}",
               shown(entry.value), cli::kJobsMax);
      plan_.jobs = static_cast<unsigned>(*jobs);
    } else if (entry.name() == "options") {
      const auto value = entry.value.value_exact<std::string_view>();
      if (!value) refuse_type(entry, "words of hawser sim such as \"--rtt 40ms --rate 20mbit\"");
      plan_.common = {.label = {}, .words = words(*value, entry.line()), .line = entry.line()};
    } else {
      refuse(entry.line(), "unknown key '{}' in [plan]: give name, seeds, jobs or options",
             entry.name());
    }
  }

  std::vector<std::uint64_t> seeds(const Entry& entry) const {
    if (const auto range = entry.value.value_exact<std::string_view>())
      return seed_range(*range, entry.line());
    std::vector<std::uint64_t> seeds;
    const auto add = [&](const toml::node& node) {
      const auto seed = node.value_exact<std::int64_t>();
      if (!seed || *seed < 0 || *seed > kSeedMax)
        refuse(line_of(node.source()), "seeds: {} is not accepted: give {}", shown(node),
               kSeedsForm);
      seeds.push_back(static_cast<std::uint64_t>(*seed));
    };
    if (const toml::array* list = entry.value.as_array()) {
      for (const toml::node& node : *list) add(node);
    } else {
      add(entry.value);
    }
    if (seeds.empty()) refuse(entry.line(), "seeds is empty: give {}", kSeedsForm);
    return seeds;
  }

  std::vector<std::uint64_t> seed_range(std::string_view text, std::size_t line) const {
    const std::size_t dash = text.find('-');
    const auto first = cli::parse_number(text.substr(0, dash));
    const auto last =
        dash == std::string_view::npos ? first : cli::parse_number(text.substr(dash + 1));
    if (!first || !last || *last < *first)
      refuse(line, "seeds: '{}' is not accepted: give {}", text, kSeedsForm);
    if (*last - *first >= kRunsMax)
      refuse(line, "seeds: {} are too many: give at most {}", *last - *first + 1, kRunsMax);
    std::vector<std::uint64_t> seeds;
    for (std::uint64_t seed = *first; seed <= *last; ++seed) seeds.push_back(seed);
    return seeds;
  }

  void read_column(const Entry& entry) {
    Column column{.name = checked(entry.name(), entry.line()), .line = entry.line(), .choices = {}};
    if (is_fixed_column(column.name))
      refuse(column.line, "'{}' names a figure of every run: give another name", column.name);
    const toml::array* list = entry.value.as_array();
    if (list == nullptr) refuse_type(entry, fmt::format("a list of {}", kChoiceForm));
    if (list->empty()) refuse(column.line, "'{}' is empty: give {}", column.name, kChoiceForm);
    for (const toml::node& node : *list) column.choices.push_back(choice(column, node));
    label_choices(column.choices);
    for (auto each = column.choices.begin(); each != column.choices.end(); ++each) {
      const auto older =
          std::ranges::find(column.choices.begin(), each, each->label, &Choice::label);
      if (older == each) continue;
      refuse(each->line, "'{}' has two choices '{}': give each a label of its own", column.name,
             each->label);
    }
    plan_.columns.push_back(std::move(column));
  }

  Choice choice(const Column& column, const toml::node& node) const {
    const std::size_t line = line_of(node.source());
    if (const auto value = node.value_exact<std::string_view>())
      return {.label = {}, .words = words(*value, line), .line = line};
    const toml::table* table = node.as_table();
    if (table == nullptr)
      refuse(line, "'{}' holds {}: give {}", column.name, type_name(node), kChoiceForm);
    Choice choice{.label = {}, .words = {}, .line = line};
    bool has_options = false;
    for (const Entry& entry : entries_of(*table)) {
      if (entry.name() == "label") {
        choice.label = text(entry);
      } else if (entry.name() == "options") {
        choice.words = words(text(entry), entry.line());
        has_options = true;
      } else {
        refuse(entry.line(), "unknown key '{}' in a choice of '{}': give label or options",
               entry.name(), column.name);
      }
    }
    if (!has_options)
      refuse(line, "a choice of '{}' lacks options: give {}", column.name, kChoiceForm);
    return choice;
  }

  void check_size() const {
    if (plan_.columns.empty())
      refuse(grid_line_,
             "the grid is empty: give [grid] keys such as loss = [\"--loss 0\", "
             "\"--loss 1%\"]");
    std::size_t cells = 1;
    for (const Column& column : plan_.columns) {
      cells *= column.choices.size();
      if (cells > kCellsMax)
        refuse(column.line, "the grid has more than {} cells: give fewer choices", kCellsMax);
    }
    if (cells * plan_.seeds.size() > kRunsMax)
      refuse(grid_line_, "{} cells with {} seeds each are too many runs: at most {}", cells,
             plan_.seeds.size(), kRunsMax);
  }

  Plan plan_;
  std::size_t grid_line_ = 1;
};

}  // namespace

PlanError::PlanError(const std::string& file, std::size_t line, const std::string& what)
    : std::runtime_error(line == 0 ? fmt::format("{}: {}", file, what)
                                   : fmt::format("{}:{}: {}", file, line, what)) {}

Plan parse_plan(const std::string& text, const std::string& file) {
  try {
    return Reader(file).read(toml::parse(text));
  } catch (const toml::parse_error& error) {
    throw PlanError(file, line_of(error.source()),
                    fmt::format("this is not TOML: {}", error.description()));
  }
}

Plan read_plan(const std::string& file) {
  const auto refuse_unread = [&file](const std::error_code& why) {
    throw PlanError(file, 0, fmt::format("cannot be read: {}", why.message()));
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored))
    refuse_unread(std::make_error_code(std::errc::is_a_directory));
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::fopen(file.c_str(), "rb"),
                                                               std::fclose);
  if (stream == nullptr) refuse_unread(std::error_code(errno, std::generic_category()));
  std::string text(kPlanSizeMax + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), stream.get()));
  if (std::ferror(stream.get()) != 0) refuse_unread(std::make_error_code(std::errc::io_error));
  if (text.size() > kPlanSizeMax)
    throw PlanError(file, 0, fmt::format("a plan has at most {} bytes", kPlanSizeMax));
  return parse_plan(text, file);
}

}  // namespace hawser::plan
