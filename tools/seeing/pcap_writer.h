#pragma once
/// Writes datagrams as a capture that tcpdump, Wireshark and `hawser decode` read: classic pcap,
/// nanoseconds, raw IP. The IP and UDP headers are made up, as simulated datagrams have none.

#include <cstdint>
#include <filesystem>

#include "hawser/netsim/datagram.h"
#include "hawser/time.h"
#include "tools/seeing/output_file.h"

namespace hawser::seeing {

/// To be told of datagrams where they are sent: before any link had them, under the addresses that
/// the sender knows. Not thread-safe.
class PcapWriter {
 public:
  explicit PcapWriter(std::filesystem::path path);

  /// `since_start` is the time of the capture. Never decreases, is below 136 years.
  void write(Duration since_start, const netsim::Datagram& datagram);
  /// Datagrams that were left out: they are not between IPv4 addresses.
  std::uint64_t skipped() const { return skipped_; }
  OutputFile& file() { return file_; }

 private:
  OutputFile file_;
  std::uint64_t skipped_ = 0;
};

}  // namespace hawser::seeing
