#pragma once
/// Reads UDP datagrams out of capture files (the classic pcap format of tcpdump).
///
/// Both byte orders, microseconds and nanoseconds; Ethernet (with VLAN tags), raw IP, loopback and
/// Linux "cooked" captures; IPv4 and IPv6. Pure functions on the file's bytes.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hawser/address.h"
#include "hawser/time.h"

namespace hawser::cli {

struct CapturedDatagram {
  Duration time{0};  ///< since the first packet of the file
  SocketAddress source;
  SocketAddress destination;
  std::span<const std::uint8_t> bytes;  ///< within the file; cut where the capture cut it
};

struct Capture {
  std::vector<CapturedDatagram> datagrams;
  std::uint64_t others = 0;  ///< packets that are no UDP, fragments, or too short to tell
};

/// Why a file cannot be read, as one line.
struct CaptureError {
  std::string line;
};

/// `file` must outlive the capture. Nothing, and `error` filled, if it is no capture that we read.
std::optional<Capture> read_pcap(std::span<const std::uint8_t> file, CaptureError& error);

}  // namespace hawser::cli
