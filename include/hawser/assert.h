#pragma once
/// HAWSER_ASSERT states an invariant of our own. It never guards bytes from the network (those give
/// a `Result` and a counter) nor misuse that can be refused (that gives a `std::error_code`).
///
/// On in every build but those with NDEBUG; `HAWSER_ASSERTIONS=1` keeps it on there too.

#include <cstdio>
#include <cstdlib>

#ifndef HAWSER_ASSERTIONS
#ifdef NDEBUG
#define HAWSER_ASSERTIONS 0
#else
#define HAWSER_ASSERTIONS 1
#endif
#endif

namespace hawser::detail {

[[noreturn]] inline void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "hawser: broken invariant `%s` at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace hawser::detail

#if HAWSER_ASSERTIONS
#define HAWSER_ASSERT(condition) \
  ((condition) ? void() : ::hawser::detail::assertion_failed(#condition, __FILE__, __LINE__))
#else
#define HAWSER_ASSERT(condition) void(sizeof((condition) ? 1 : 0))
#endif
