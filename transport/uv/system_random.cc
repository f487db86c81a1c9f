#include <cstdio>
#include <cstdlib>

#include <uv.h>

#include "hawser/uv_endpoint.h"

namespace hawser {

std::uint64_t SystemRandom::next() {
  std::uint64_t word = 0;
  // No buffer: after a fork both processes would draw the same ids and keys from it, and draws are
  // few (ids, secrets, challenges).
  if (uv_random(nullptr, nullptr, &word, sizeof word, 0, nullptr) != 0) {
    // Guessable ids and keys would be worse than an end.
    std::fputs("hawser: the operating system gives no random bytes\n", stderr);
    std::abort();
  }
  return word;
}

}  // namespace hawser
