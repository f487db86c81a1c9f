#pragma once
/// The settings of one direction of a path by their names on the command line. Used by
/// `PathOptions` alone, for options and for `--at`.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "hawser/netsim/link_config.h"

namespace hawser::cli {

/// A direction's configuration while options are being applied to it.
struct LinkDraft {
  netsim::LinkConfig link;
  bool is_up = true;
  /// The value being applied is meant for both directions together.
  bool is_for_both = false;
  /// A queue limit in thousandths of the bandwidth-delay product, not yet turned into bytes; 0:
  /// none.
  std::int64_t queue_bdp_thousandths = 0;
  /// What the netem in force took the place of; `none` gives it back.
  netsim::LinkConfig before_netem{};
  /// What is wrong with the last value, where its accepted form would not say enough.
  std::string problem{};
};

struct PathSetting {
  std::string_view name;
  std::string_view placeholder;  ///< of the value, in the help
  std::string_view help;
  std::string_view accepted_form;  ///< completes "give ...", but for `none`
  /// Reads a value into the draft; false, and nothing changed, if it is not accepted.
  bool (*read)(LinkDraft& draft, std::string_view value);
  /// Takes it back, which the value `none` asks for; nullptr where a value of its own does that.
  void (*clear)(LinkDraft& draft) = nullptr;
  bool is_repeatable = false;  ///< several add up; has times of its own, so `--at` refuses it

  /// Does what the value says; false, and nothing changed, if it is not accepted.
  bool apply(LinkDraft& draft, std::string_view value) const;
  /// Completes "give ...".
  std::string accepted() const;
};

/// The value that takes a setting back.
inline constexpr std::string_view kNone = "none";

/// All of them, in the order of the help.
std::span<const PathSetting> path_settings();
/// The one of that name (without prefix), or nullptr.
const PathSetting* find_path_setting(std::string_view name);

}  // namespace hawser::cli
