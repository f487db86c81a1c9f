#pragma once
/// A value or the reason why there is none. Spelt as `std::expected`, which C++20 lacks.

#include <system_error>
#include <utility>
#include <variant>

#include "hawser/assert.h"
#include "hawser/error.h"

namespace hawser {

/// Holds a `T` or a `std::error_code` that is not zero. Reading the wrong side is asserted.
template <typename T>
class [[nodiscard]] Result {
 public:
  // One move or copy, no more: some values are large.
  Result(T&& value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: as expected
  Result(const T& value) : state_(std::in_place_index<0>, value) {}        // NOLINT: as expected
  /// A `T` made in its place.
  template <typename... Arguments>
  explicit Result(std::in_place_t, Arguments&&... arguments)
      : state_(std::in_place_index<0>, std::forward<Arguments>(arguments)...) {}
  Result(std::error_code error) : state_(std::in_place_index<1>, error) { HAWSER_ASSERT(error); }
  Result(Errc error) : Result(make_error_code(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    HAWSER_ASSERT(has_value());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    HAWSER_ASSERT(has_value());
    return *std::get_if<0>(&state_);
  }
  T&& value() && { return std::move(value()); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  std::error_code error() const {
    HAWSER_ASSERT(!has_value());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, std::error_code> state_;
};

}  // namespace hawser
