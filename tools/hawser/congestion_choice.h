#pragma once
/// Congestion controllers by the names and switches of the command line.

#include <string_view>

#include "hawser/congestion_controller.h"

namespace hawser::cli {

/// The built-in controller of that name; with `undoes_spurious` false one that keeps a reduction
/// even when the loss behind it is disproved. nullptr if there is no such controller.
const CongestionControllerFactory* choose_congestion(std::string_view name, bool undoes_spurious);

}  // namespace hawser::cli
