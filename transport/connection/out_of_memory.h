#pragma once
/// Where the standard library's `bad_alloc` ends: the one place of the core that knows exceptions,
/// so that none leaves the library.

#include <new>

namespace hawser {

/// What `call` returns, or `refusal` where it got no memory.
template <typename Call, typename Refusal>
auto unless_out_of_memory(const Call& call, Refusal refusal) -> decltype(call()) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return refusal;
  }
}

}  // namespace hawser
