#include "tools/hawser/endpoint_options.h"

#include <algorithm>
#include <string_view>

#include "tools/hawser/typed_options.h"

namespace hawser::cli {
namespace {
constexpr char kGroup[] = "Connection";
}

void EndpointOptions::add_to(CLI::App& app) {
  add_value(app, {"--idle-timeout", "silence that ends a connection, 0: never (30s)"}, kDuration,
            idle_timeout_)
      ->group(kGroup);
  add_value(app, {"--handshake-timeout", "give up connecting after this (10s)"}, kDuration,
            handshake_timeout_)
      ->group(kGroup);
  add_value(app, {"--keepalive", "send something after this much silence, 0: never (0)"}, kDuration,
            keepalive_)
      ->group(kGroup);
}

void EndpointOptions::apply_to(ConnectionConfig& config) const {
  config.idle_timeout = idle_timeout_.value_or(config.idle_timeout);
  config.handshake_timeout = handshake_timeout_.value_or(config.handshake_timeout);
  config.keepalive = keepalive_.value_or(config.keepalive);
}

std::optional<std::string> complaint_about(const ConnectionConfig& config) {
  std::optional<std::string> complaint = config.validate();
  if (!complaint) return std::nullopt;
  // It begins with the name of the field; options are named alike.
  for (const std::string_view field : {"idle_timeout ", "handshake_timeout ", "keepalive ",
                                       "datagram_size ", "datagram_size_max "}) {
    if (!complaint->starts_with(field)) continue;
    std::replace(complaint->begin(), complaint->begin() + static_cast<std::ptrdiff_t>(field.size()),
                 '_', '-');
    return "--" + *complaint;
  }
  return complaint;
}

}  // namespace hawser::cli
