#pragma once
/// How values are written on the command line: durations, sizes, rates, probabilities, numbers.
/// Used by every subcommand, so that a value means the same everywhere.
///
/// Reading gives no value for anything that is malformed, negative, out of range, or finer than its
/// unit (a nanosecond, a byte, a bit per second); nothing is rounded. What is accepted stands in
/// the `k...Form` texts, which `refusal` puts into the one line that the user sees.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hawser/netsim/probability.h"
#include "hawser/netsim/queue_config.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::cli {

inline constexpr std::string_view kDurationForm = "a duration such as 250us, 30ms, 1.5s or 2h";
inline constexpr std::string_view kSizeForm = "a size such as 1200, 64KiB or 10MB";
inline constexpr std::string_view kRateForm = "a rate above zero such as 64kbit, 100mbit or 1gbit";
inline constexpr std::string_view kProbabilityForm =
    "a probability from 0 to 100% such as 1% or 0.01";
inline constexpr std::string_view kNumberForm = "a whole number from 0 of at most 15 digits";
inline constexpr std::string_view kHostPortForm =
    "a host and a port from 1 to 65535 such as 127.0.0.1:9000, [::1]:9000 or example.org:9000";

/// The largest message that a load may be made of.
inline constexpr ByteCount kMessageSizeMax{16 << 20};

/// "30ms", with ns, us, ms, s, min or h; "0" alone needs no unit. At most 10,000 hours, so that
/// sums of times cannot overflow.
std::optional<Duration> parse_duration(std::string_view text);
/// "1200", "1200B", "64KiB", "10MB"; powers of 1000 (k, M, G) or 1024 (Ki, Mi, Gi); any case. At
/// most 2^53 bytes.
std::optional<ByteCount> parse_size(std::string_view text);
/// "100mbit", with bit, kbit, mbit or gbit (powers of 1000); any case. From 1 bit/s to 10^15.
std::optional<Bandwidth> parse_rate(std::string_view text);
/// "1%" or "0.01".
std::optional<netsim::Probability> parse_probability(std::string_view text);
/// Decimal digits, at most 15 of them.
std::optional<std::uint64_t> parse_number(std::string_view text);
/// A whole number from 1 to `most`.
std::optional<std::uint64_t> parse_count(std::string_view text, std::uint64_t most);
/// A size from `least` to `most`.
std::optional<ByteCount> parse_size_between(std::string_view text, ByteCount least, ByteCount most);
/// "100p" counts packets, "125000b" or "64KiB" bytes, "20ms" is a time to wait.
std::optional<netsim::QueueLimit> parse_queue_limit(std::string_view text);
/// The name of a built-in congestion controller.
std::optional<std::string> parse_controller(std::string_view text);
/// All of those: "cubic, new_reno or fixed".
std::string_view controller_form();
/// "host:port" as it stands, if it looks like one; whether there is such a host is not asked.
std::optional<std::string> parse_host_port(std::string_view text);

/// The shortest exact text that the parsers read back: "1.5s", "64KiB", "100mbit".
std::string format_duration(Duration duration);
std::string format_size(ByteCount size);
std::string format_rate(Bandwidth rate);
/// In percent with up to ten digits: "1%".
std::string format_probability(netsim::Probability probability);

/// "'30x' is not accepted: give a duration such as ..."
std::string refusal(std::string_view value, std::string_view accepted_form);

}  // namespace hawser::cli
