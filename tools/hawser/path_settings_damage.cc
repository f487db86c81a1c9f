// Which datagrams arrive more than once, or other than they were sent.

#include <array>
#include <cstdint>

#include "tools/hawser/path_setting_parts.h"

namespace hawser::cli {
namespace {

constexpr std::uint64_t kBitsMax = 65'535 * 8;

constexpr auto kSettings = std::to_array<PathSetting>({
    {"duplicate", "P", "datagrams that arrive twice", kProbabilityForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.duplicate, parse_probability(v));
     }},
    {"corrupt", "P", "datagrams that are damaged", kProbabilityForm,
     [](LinkDraft& d, std::string_view v) { return store(d.link.corrupt, parse_probability(v)); }},
    {"corrupt-bits", "N", "bits flipped in each damaged datagram", kCountForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.corrupt_bits, parse_count(v, kBitsMax));
     }},
});

}  // namespace

std::span<const PathSetting> damage_settings() { return kSettings; }

}  // namespace hawser::cli
