#include "tools/hawser/message_content.h"

#include <algorithm>
#include <cstring>

namespace hawser::cli {
namespace {

constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;

std::uint64_t mix(std::uint64_t word) {
  word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9ULL;
  word = (word ^ (word >> 27)) * 0x94D049BB133111EBULL;
  return word ^ (word >> 31);
}

// The bytes behind the stamp, eight at a time. Two cheap steps per word, so that filling and
// checking cost little beside sending: what must differ is place and message, not every bit.
class Body {
 public:
  Body(std::uint64_t flow_key, std::uint64_t index, std::uint64_t due)
      : state_(mix(mix(mix(flow_key + kGolden) + index) + due)) {}

  void fill(std::span<std::uint8_t> bytes) const {
    std::uint64_t state = state_;
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
      const std::uint64_t word = next(state);
      std::memcpy(bytes.data() + at, &word, 8);
    }
    const std::uint64_t word = next(state);
    if (at < bytes.size()) std::memcpy(bytes.data() + at, &word, bytes.size() - at);
  }

  bool is_in(std::span<const std::uint8_t> bytes) const {
    std::uint64_t state = state_;
    std::uint64_t difference = 0;
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
      std::uint64_t found = 0;
      std::memcpy(&found, bytes.data() + at, 8);
      difference |= found ^ next(state);
    }
    const std::uint64_t word = next(state);
    return difference == 0 &&
           (at == bytes.size() || std::memcmp(bytes.data() + at, &word, bytes.size() - at) == 0);
  }

 private:
  static std::uint64_t next(std::uint64_t& state) {
    state += kGolden;
    return state ^ (state >> 32);
  }
  std::uint64_t state_;
};

void write_low_bytes(std::span<std::uint8_t> bytes, std::uint64_t value) {
  for (std::uint8_t& byte : bytes) {
    byte = static_cast<std::uint8_t>(value);
    value >>= 8;
  }
}

std::uint64_t read_low_bytes(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8 | bytes[i - 1];
  return value;
}

}  // namespace

unsigned index_bits_of(std::size_t size) {
  if (size >= kStampedSizeMin) return 64;
  if (size >= 4) return 32;
  return size >= 2 ? 16 : static_cast<unsigned>(size) * 8;
}

void fill_message(std::span<std::uint8_t> message, std::uint64_t flow_key,
                  const MessageStamp& stamp) {
  const unsigned bits = index_bits_of(message.size());
  const std::size_t index_size = bits / 8;
  const bool is_stamped = bits == 64;
  const auto due = static_cast<std::uint64_t>(stamp.due.time_since_epoch().count());
  const std::uint64_t index_low =
      is_stamped ? stamp.index : stamp.index & ((std::uint64_t{1} << bits) - 1);
  write_low_bytes(message.first(index_size), index_low);
  if (is_stamped) write_low_bytes(message.subspan(8, 8), due);
  Body(flow_key, index_low, is_stamped ? due : 0)
      .fill(message.subspan(is_stamped ? 16 : index_size));
}

std::optional<ReadStamp> read_message(std::span<const std::uint8_t> message,
                                      std::uint64_t flow_key) {
  const unsigned bits = index_bits_of(message.size());
  const bool is_stamped = bits == 64;
  ReadStamp stamp{.index_low = read_low_bytes(message.first(bits / 8)), .due = std::nullopt};
  std::uint64_t due = 0;
  if (is_stamped) {
    due = read_low_bytes(message.subspan(8, 8));
    stamp.due = TimePoint(Duration(static_cast<std::int64_t>(due)));
  }
  const Body body(flow_key, stamp.index_low, due);
  if (!body.is_in(message.subspan(is_stamped ? 16 : bits / 8))) return std::nullopt;
  return stamp;
}

}  // namespace hawser::cli
