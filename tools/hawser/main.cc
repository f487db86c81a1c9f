#include <algorithm>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "hawser/assert.h"
#include "tools/hawser/command.h"
#include "tools/hawser/decode_command.h"
#include "tools/hawser/demo_command.h"
#include "tools/hawser/netem_command.h"
#include "tools/hawser/option_names.h"
#include "tools/hawser/perf_command.h"
#include "tools/hawser/sim_command.h"
#include "tools/hawser/swarm_command.h"
#include "tools/hawser/trace_command.h"

namespace hawser::cli {
namespace {

std::vector<std::unique_ptr<Command>> make_commands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(std::make_unique<SimCommand>());
  commands.push_back(std::make_unique<SwarmCommand>());
  commands.push_back(std::make_unique<DemoCommand>());
  commands.push_back(std::make_unique<PerfCommand>());
  commands.push_back(std::make_unique<NetemCommand>());
  commands.push_back(std::make_unique<DecodeCommand>());
  commands.push_back(std::make_unique<TraceCommand>());
  return commands;
}

// The parser would only say that some command is missing.
void refuse_unknown_command(const CLI::App& app, std::span<const char* const> words) {
  const CLI::App* command = &app;
  std::vector<const CLI::App*> subs = command->get_subcommands(nullptr);
  const auto known = [&subs] {
    std::string names;
    for (const CLI::App* sub : subs) names += (names.empty() ? "" : ", ") + sub->get_name();
    return names;
  };
  for (const std::string_view word : words) {
    if (subs.empty() || word == "-h" || word == "--help") return;
    // One that runs alone, too, has options of its own.
    if (command->get_require_subcommand_min() == 0 && word.starts_with('-')) return;
    const auto found =
        std::ranges::find_if(subs, [word](const CLI::App* sub) { return sub->get_name() == word; });
    if (found == subs.end()) {
      throw CLI::ValidationError(fmt::format(
          "unknown {} '{}': give {}", word.starts_with('-') ? "option" : "command", word, known()));
    }
    command = *found;
    subs = command->get_subcommands(nullptr);
  }
  if (!subs.empty() && command->get_require_subcommand_min() > 0) {
    throw CLI::ValidationError("a command is missing: give " + known());
  }
}

// The innermost command that was named, and those around it.
struct Chosen {
  const CLI::App* command;
  std::string around;

  explicit Chosen(const CLI::App& app) : command(&app) {
    while (!command->get_subcommands().empty()) {
      around += command->get_name() + " ";
      command = command->get_subcommands().front();
    }
  }
};

// One line, whatever the parser has to say.
ExitCode complain(const CLI::App& app, const CLI::ParseError& error) {
  std::string line = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const std::string word = app.remaining(true).front();
    line = fmt::format("unknown {} '{}'", word.starts_with('-') ? "option" : "word", word);
  }
  const Chosen chosen(app);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
    line = complaint_about_repetition(*chosen.command).value_or(line);
  std::ranges::replace(line, '\n', ' ');
  const std::string command = chosen.around + chosen.command->get_name();
  fmt::print(stderr, "{}: {} (see {} --help)\n", command, line, command);
  return ExitCode::wrong_usage;
}

int run(int argc, char** argv) {
  const auto commands = make_commands();
  CLI::App app("Reliable, low-latency messages over UDP: simulate, measure, demonstrate, inspect.");
  app.name("hawser");
  app.require_subcommand(1);
  app.footer("\nExample: hawser demo\n`hawser COMMAND --help` tells more.");
  std::map<const CLI::App*, Command*> commands_by_app;
  for (const auto& command : commands) {
    CLI::App* parent = &app;
    if (!command->parent().empty()) parent = app.get_subcommand(std::string(command->parent()));
    CLI::App* sub =
        parent->add_subcommand(std::string(command->name()), std::string(command->description()));
    command->declare(*sub);
    commands_by_app[sub] = command.get();
  }
  ExitCode code = ExitCode::ok;
  try {
    refuse_unknown_command(app, {argv + 1, static_cast<std::size_t>(argc - 1)});
    app.parse(argc, argv);
    Command* chosen = nullptr;
    // A command may have subcommands of its own, as `perf` has: the innermost of ours runs.
    for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
      at = at->get_subcommands().front();
      if (const auto found = commands_by_app.find(at); found != commands_by_app.end()) {
        chosen = found->second;
      }
    }
    HAWSER_ASSERT(chosen != nullptr);  // the parser requires one
    code = chosen->run();
  } catch (const CLI::CallForHelp&) {
    const Chosen chosen(app);
    fmt::print("{}", chosen.command->help(chosen.around.substr(0, chosen.around.rfind(' '))));
  } catch (const CLI::ParseError& error) {
    code = complain(app, error);
  }
  return static_cast<int>(code);
}

}  // namespace
}  // namespace hawser::cli

int main(int argc, char** argv) { return hawser::cli::run(argc, argv); }
