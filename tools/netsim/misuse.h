#pragma once
/// What a user of the simulator asked for and cannot have. A test that is set up wrong must not run
/// on as another one, so this is on in every build, unlike HAWSER_ASSERT.

#include <optional>
#include <string>
#include <string_view>

#include "hawser/netsim/probability.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::netsim {

/// Prints "hawser: `where`: `complaint`" on standard error and aborts.
[[noreturn]] void refuse_misuse(std::string_view where, std::string_view complaint);
inline void refuse_if(std::string_view where, const std::optional<std::string>& complaint) {
  if (complaint) refuse_misuse(where, *complaint);
}

/// Longer than any run; short enough that times can be added.
inline constexpr Duration kTimeMax = std::chrono::hours(100'000);

/// In the largest unit that tells it exactly.
std::string text_of(Duration duration);
std::string text_of(ByteCount bytes);
std::string text_of(Bandwidth rate);
std::string text_of(Probability probability);
std::string text_of(std::uint64_t number);
std::string text_of(std::int64_t number);

/// Keeps the first complaint about the fields that it is shown.
class FieldCheck {
 public:
  template <typename T>
  FieldCheck& in(std::string_view field, T value, T min, T max) {
    if (value >= min && value <= max) return *this;
    return that(false, field, value, text_of(min).append(" to ").append(text_of(max)));
  }
  template <typename T>
  FieldCheck& at_least(std::string_view field, T value, T min) {
    if (value >= min) return *this;
    return that(false, field, value, text_of(min).append(" or more"));
  }
  /// A time, from `min` to `kTimeMax`.
  FieldCheck& duration(std::string_view field, Duration value, Duration min = Duration::zero()) {
    return in(field, value, min, kTimeMax);
  }
  /// [`from`, `to`), which may be empty and may last for ever.
  FieldCheck& period(std::string_view field, Duration from, Duration to) {
    at_least(field, from, Duration::zero());
    if (from <= to) return *this;
    return that(false, field, to, "no earlier than its beginning, " + text_of(from));
  }
  template <typename T>
  FieldCheck& that(bool holds, std::string_view field, T value, std::string_view accepted) {
    if (!holds) complain(field, text_of(value), accepted);
    return *this;
  }
  std::optional<std::string> complaint() && { return std::move(complaint_); }

 private:
  void complain(std::string_view field, std::string_view value, std::string_view accepted);
  std::optional<std::string> complaint_;
};

}  // namespace hawser::netsim
