#include "tools/netsim/misuse.h"

#include <cstdio>
#include <cstdlib>

namespace hawser::netsim {

void refuse_misuse(std::string_view where, std::string_view complaint) {
  std::fprintf(stderr, "hawser: %.*s: %.*s\n", static_cast<int>(where.size()), where.data(),
               static_cast<int>(complaint.size()), complaint.data());
  std::abort();
}

std::string text_of(Duration duration) {
  struct Unit {
    std::string_view name;
    Duration size;
  };
  static constexpr Unit kUnits[] = {{" h", std::chrono::hours(1)},
                                    {" s", std::chrono::seconds(1)},
                                    {" ms", std::chrono::milliseconds(1)},
                                    {" us", std::chrono::microseconds(1)}};
  if (duration == kForever) return "for ever";
  for (const Unit& unit : kUnits) {
    if (duration == Duration::zero() || duration % unit.size != Duration::zero()) continue;
    return std::to_string(duration / unit.size).append(unit.name);
  }
  return std::to_string(duration.count()) + " ns";
}

std::string text_of(ByteCount bytes) { return std::to_string(bytes.value()) + " bytes"; }
std::string text_of(Bandwidth rate) {
  return rate.is_infinite() ? "infinite" : std::to_string(rate.bits_per_second()) + " bit/s";
}
std::string text_of(Probability probability) {
  return std::to_string(100 * probability.value()) + " %";
}
std::string text_of(std::uint64_t number) { return std::to_string(number); }
std::string text_of(std::int64_t number) { return std::to_string(number); }

void FieldCheck::complain(std::string_view field, std::string_view value,
                          std::string_view accepted) {
  if (complaint_) return;
  complaint_ =
      std::string(field).append(" is ").append(value).append("; it must be ").append(accepted);
}

}  // namespace hawser::netsim
