#include "tools/swarm/shrinker.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/hawser/value_text.h"

namespace hawser::swarm {
namespace {

class Shrinker {
 public:
  Shrinker(const Choice& failing, const Findings::First& violation, const Trial& trial)
      : best_{.choice = failing, .violation = violation}, trial_(&trial) {}

  Shrunk shrink() && {
    // What one step takes away may have been all that held another one up.
    int kept = 0;
    do {
      kept = kept_;
      drop_faults();
      shorten();
      drop_messages();
      drop_connections();
    } while (kept_ > kept);
    return std::move(best_);
  }

 private:
  // Keeps `smaller` if it breaks the same invariant.
  bool try_choice(const Choice& smaller) {
    if (best_.runs >= kShrinkRunsMax || events_ >= kShrinkEventsMax) return false;
    ++best_.runs;
    const Verdict verdict = (*trial_)(smaller);
    events_ += verdict.events;
    const Invariant wanted = best_.violation.violation.invariant;
    if (!verdict.violation || verdict.violation->violation.invariant != wanted) return false;
    best_.choice = smaller;
    best_.violation = *verdict.violation;
    ++kept_;
    return true;
  }

  // Halves, then quarters, ... of the faults at a time (Zeller's ddmin): most do not matter.
  void drop_faults() {
    std::vector<std::string_view> left = draw_scenario(best_.choice).faults;
    for (std::size_t size = (left.size() + 1) / 2; size > 0;) {
      bool is_dropped = false;
      for (std::size_t at = 0; at < left.size();) {
        const std::size_t count = std::min(size, left.size() - at);
        Choice smaller = best_.choice;
        for (std::size_t i = at; i < at + count; ++i) smaller.without.emplace_back(left[i]);
        if (try_choice(smaller)) {
          left.erase(left.begin() + static_cast<std::ptrdiff_t>(at),
                     left.begin() + static_cast<std::ptrdiff_t>(at + count));
          is_dropped = true;
        } else {
          at += count;
        }
      }
      if (size == 1 && !is_dropped) break;
      size = std::max<std::size_t>(size / 2, 1);
    }
  }

  // The earliest calm, to the millisecond, by bisecting.
  void shorten() {
    constexpr Duration kStep = std::chrono::milliseconds(1);
    Duration fails = draw_scenario(best_.choice).calm_at;
    Duration passes{0};
    while (fails - passes > kStep) {
      const Duration middle = passes + (fails - passes) / 2 / kStep * kStep;
      if (middle <= passes) break;
      Choice smaller = best_.choice;
      smaller.until = middle;
      (try_choice(smaller) ? fails : passes) = middle;
    }
  }

  void drop_messages() {
    const Scenario scenario = draw_scenario(best_.choice);
    const auto farewells = std::ranges::count(scenario.messages, true, &MessagePlan::is_farewell);
    drop_last(scenario.messages.size() - static_cast<std::size_t>(farewells), 0, &Choice::messages);
  }

  void drop_connections() {
    drop_last(draw_scenario(best_.choice).connections.size(), 1, &Choice::connections);
  }

  // The fewest of `all`, but at least `least`, by bisecting.
  void drop_last(std::size_t all, std::size_t least, std::optional<std::size_t> Choice::*count) {
    std::size_t fails = all;
    std::size_t passes = least;
    while (fails > passes) {
      const std::size_t middle = passes + (fails - passes) / 2;
      Choice smaller = best_.choice;
      smaller.*count = middle;
      if (try_choice(smaller)) {
        fails = middle;
      } else {
        passes = middle + 1;
      }
    }
  }

  Shrunk best_;
  int kept_ = 0;  // smaller choices that still fail
  std::uint64_t events_ = 0;
  const Trial* trial_;
};

}  // namespace

Shrunk shrink(const Choice& failing, const Findings::First& violation, const Trial& trial) {
  return Shrinker(failing, violation, trial).shrink();
}

std::string replay_arguments(const Choice& choice) {
  std::string text = fmt::format("--seeds {0}-{0}", choice.seed);
  if (!choice.without.empty()) text += fmt::format(" --without {}", fmt::join(choice.without, ","));
  if (choice.until) text += " --until " + cli::format_duration(*choice.until);
  if (choice.messages) text += fmt::format(" --messages {}", *choice.messages);
  if (choice.connections) text += fmt::format(" --connections {}", *choice.connections);
  if (choice.batch) text += fmt::format(" --batch {}", *choice.batch);
  if (choice.controllers) text += fmt::format(" --controllers {}", *choice.controllers);
  return text;
}

}  // namespace hawser::swarm
