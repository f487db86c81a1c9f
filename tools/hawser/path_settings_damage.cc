// Which datagrams arrive more than once, or other than they were sent.

#include <array>
#include <cstdint>

#include "tools/hawser/path_setting_parts.h"

namespace hawser::cli {
namespace {

constexpr std::uint64_t kBitsMax = 65'535 * 8;

// Single bits and a burst replace one another.
bool apply_corrupt_bits(LinkDraft& draft, std::string_view text) {
  if (!store(draft.link.damage.corrupt_bits, parse_count(text, kBitsMax))) return false;
  draft.link.damage.corrupt_burst = 0;
  return true;
}

constexpr auto kSettings = std::to_array<PathSetting>({
    {"duplicate", "P", "datagrams that arrive twice", kProbabilityForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.duplicate, parse_probability(v));
     }},
    {"replay", "P", "datagrams that an old one follows, unchanged", kProbabilityForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.replay.probability, parse_probability(v));
     }},
    {"replay-age", "D", "how old these are at least; 1s if not given", kDurationForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.replay.age_min, parse_duration(v));
     }},
    {"corrupt", "P", "datagrams in which bits are flipped", kProbabilityForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.damage.corrupt, parse_probability(v));
     }},
    {"corrupt-bits", "N", "bits flipped in each of them; 1 if not given", kCountForm,
     apply_corrupt_bits},
    {"corrupt-burst", "N", "a burst of 1 to N bits in its place", kCountForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.damage.corrupt_burst, parse_count(v, kBitsMax));
     }},
    {"truncate", "P", "datagrams that are cut", kProbabilityForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.damage.truncate, parse_probability(v));
     }},
    {"extend", "P", "datagrams that random bytes are appended to", kProbabilityForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.damage.extend, parse_probability(v));
     }},
    {"misdeliver", "P", "datagrams that go where another recent one went", kProbabilityForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.damage.misdeliver, parse_probability(v));
     }},
});

}  // namespace

std::span<const PathSetting> damage_settings() { return kSettings; }

}  // namespace hawser::cli
