#pragma once
/// The options that describe a network path, the same for `sim`, `netem` and `demo`.
///
/// `--rtt`, `--delay`, `--loss` and so on for both directions; each with `--up-` (client to server)
/// or `--down-` for one, which overrides the plain one wherever it stands. Owned by a subcommand
/// for as long as its command line is parsed.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hawser/netsim/link_config.h"
#include "hawser/time.h"

namespace CLI {
class App;
}

namespace hawser::cli {

/// Not thread-safe.
class PathOptions {
 public:
  /// `defaults`: the path where no option says otherwise. A loss model that is given takes the
  /// place of their independent loss.
  explicit PathOptions(netsim::PathConfig defaults = {}) : defaults_(std::move(defaults)) {}

  /// Registers the options. A wrong value makes `app.parse` throw a `CLI::ValidationError` of one
  /// line: the option, the value, what is accepted. The app must not outlive this object.
  void add_to(CLI::App& app);

  /// The path, to be asked after parsing. Throws a `CLI::ValidationError` where options contradict
  /// each other. A queue in `bdp` is turned into bytes here: the direction's rate times the delays
  /// of both directions as they are at the time from which the limit holds; it stays when a later
  /// `--at` changes those.
  netsim::PathConfig resolve() const;

  /// What was given for one direction, as words: "jitter 5ms", "loss 10% from 2s on"; but for the
  /// settings in `known`.
  std::vector<std::string> words_beyond(std::span<const std::string_view> known, bool is_up) const;

  /// Which directions an option is for.
  enum class Scope : unsigned char { both, up, down };
  /// A setting as it was given.
  struct Given {
    Scope scope = Scope::both;
    std::string setting;
    std::string value;
    std::string shown;  ///< as the user wrote it: "--up-loss", or "--at 1s:up-loss=5%"
  };

 private:
  struct GivenChange {
    Duration at{0};
    std::vector<Given> settings;
  };
  bool is_given(std::string_view setting, Scope scope) const;
  bool is_idle(const Given& given, const std::vector<std::string_view>& needs,
               bool (*is_met)(const netsim::LinkConfig&)) const;
  void refuse_idle_settings(const std::vector<Given>& settings) const;
  std::vector<GivenChange> changes_by_time() const;
  void add_setting(CLI::App& app, Scope scope, std::string_view name);
  void add_changes(CLI::App& app, Scope scope);
  static GivenChange parse_change(Scope scope, const std::string& text);

  netsim::PathConfig defaults_;
  std::vector<Given> given_;
  std::vector<GivenChange> changes_;
  std::vector<Duration> rebinds_;
};

}  // namespace hawser::cli
