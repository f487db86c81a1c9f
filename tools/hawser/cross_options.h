#pragma once
/// Cross traffic as the command line describes it: `--cross KEY=VALUE,...`.

#include <cstddef>
#include <optional>
#include <string_view>

#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::cli {

/// The hops that something crosses, counted from 1.
struct HopRange {
  std::size_t first = 1;
  std::size_t last = 1;
  bool operator==(const HopRange&) const = default;
};

/// Datagrams without control, as `netsim::CrossTrafficConfig` explains them.
struct CrossSpec {
  Bandwidth rate = Bandwidth::zero();
  ByteCount size{1172};
  Duration mean_on{0};
  Duration mean_off{0};
  Duration start{0};
  Duration stop = kForever;
  bool is_from_server = false;
  std::optional<HopRange> hops;  ///< all if absent
};

/// "2" or "1-3"; nothing if it is neither.
std::optional<HopRange> parse_hops(std::string_view text);

/// Reads the value of one `--cross`. Throws a `CLI::ValidationError` of one line.
CrossSpec parse_cross(std::string_view text);

}  // namespace hawser::cli
