#pragma once
/// A look inside an endpoint, for tests. Changes nothing.

#include <optional>

#include "hawser/endpoint.h"
#include "transport/connection/connection_inspection.h"

namespace hawser {

class EndpointInspector {
 public:
  /// Nothing if the handle names no connection (any more). Takes time proportional to the packets
  /// that the connection remembers.
  static std::optional<ConnectionInspection> inspect(const Endpoint& endpoint,
                                                     ConnectionHandle connection);
};

}  // namespace hawser
