#pragma once
/// What a batch found, as CSV, JSON and text. The keys of CSV and JSON are a contract with scripts.

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "tools/plan/batch.h"

namespace hawser::plan {

/// A line for each run, by cell and then by seed: the grid's columns, seed, outcome, trace_hash and
/// all figures; what a run does not have is empty. RFC 4180 but for the line ends, which are '\n'.
std::string to_csv(const Batch& batch);

/// A summary: for each cell its choices, its command and the spread of each figure over its runs;
/// and the first `kFailuresTold` runs that failed.
nlohmann::ordered_json to_json(const Batch& batch);

/// A table: the medians of each cell, with the quartiles in brackets if there are several seeds.
std::string to_text(const Batch& batch);

/// Of the runs that failed, how many are told one by one.
inline constexpr std::size_t kFailuresTold = 100;

}  // namespace hawser::plan
