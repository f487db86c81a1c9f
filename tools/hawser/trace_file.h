#pragma once
/// Reads recorded rates in mahimahi's format: each line the time of one delivery opportunity of
/// 1504 bytes, in whole milliseconds, ascending. What a trace means stands in
/// `hawser/netsim/rate_trace.h`. Used by the path options and `hawser trace`.

#include <optional>
#include <string>
#include <string_view>

#include "hawser/netsim/rate_trace.h"

namespace hawser::cli {

/// The trace that `text` holds, or nothing; then `problem` says in one line where and what, with
/// `name` for the file.
std::optional<netsim::RateTrace> parse_trace(std::string_view text, std::string_view name,
                                             std::string& problem);
/// The same with a file's content. The file is read to its end, and each time anew.
std::optional<netsim::RateTrace> read_trace(const std::string& file, std::string& problem);

}  // namespace hawser::cli
