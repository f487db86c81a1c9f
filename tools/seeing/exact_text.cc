#include "tools/seeing/exact_text.h"

#include <fmt/format.h>

namespace hawser::seeing {

std::string exact_ms(Duration duration) {
  constexpr std::int64_t kNanosPerMs = 1'000'000;
  const std::int64_t whole = duration.count() / kNanosPerMs;
  const std::int64_t rest = duration.count() % kNanosPerMs;
  if (rest == 0) return fmt::format("{}", whole);
  std::string text = fmt::format("{}.{:06}", whole, rest);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

}  // namespace hawser::seeing
