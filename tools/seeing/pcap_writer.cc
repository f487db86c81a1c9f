#include "tools/seeing/pcap_writer.h"

#include <span>
#include <string>
#include <utility>

namespace hawser::seeing {
namespace {

constexpr std::uint32_t kNanosecondMagic = 0xA1B23C4D;
constexpr std::uint32_t kRawIp = 101;  // tcpdump.org's list of link types
constexpr std::uint32_t kSnapLength = 65535;
constexpr std::size_t kIpHeader = 20;
constexpr std::size_t kUdpHeader = 8;

// The file's own headers: little-endian everywhere.
void put_le16(std::string& out, std::uint32_t value) {
  for (unsigned shift = 0; shift < 16; shift += 8) out.push_back(static_cast<char>(value >> shift));
}
void put_le32(std::string& out, std::uint32_t value) {
  put_le16(out, value & 0xFFFF);
  put_le16(out, value >> 16);
}
// What is in the packets: network byte order.
void put_be16(std::string& out, std::size_t value) {
  out.push_back(static_cast<char>(value >> 8 & 0xFF));
  out.push_back(static_cast<char>(value & 0xFF));
}
void put_ipv4(std::string& out, const SocketAddress& address) {
  for (std::size_t i = 0; i < 4; ++i) out.push_back(static_cast<char>(address.ip[i]));
}

// RFC 1071, of an even number of bytes.
std::uint16_t internet_checksum(std::string_view bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i]) << 8 |
                                      static_cast<std::uint8_t>(bytes[i + 1]));
  }
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

// RFC 791, without options: never fragmented, a lifetime of 64 hops.
std::string ip_header(const netsim::Datagram& datagram, std::size_t total) {
  std::string header;
  header.push_back(0x45);
  header.push_back(static_cast<char>(datagram.ecn));
  put_be16(header, total);
  put_be16(header, 0);
  put_be16(header, 0x4000);
  header.push_back(64);
  header.push_back(17);
  const std::size_t checksum_at = header.size();
  put_be16(header, 0);
  put_ipv4(header, datagram.source);
  put_ipv4(header, datagram.destination);
  std::string checksum;
  put_be16(checksum, internet_checksum(header));
  return header.replace(checksum_at, checksum.size(), checksum);
}

}  // namespace

PcapWriter::PcapWriter(std::filesystem::path path) : file_(std::move(path)) {
  std::string header;
  put_le32(header, kNanosecondMagic);
  put_le16(header, 2);  // version 2.4
  put_le16(header, 4);
  put_le32(header, 0);  // time zone
  put_le32(header, 0);  // accuracy
  put_le32(header, kSnapLength);
  put_le32(header, kRawIp);
  file_.write(header);
}

void PcapWriter::write(Duration since_start, const netsim::Datagram& datagram) {
  using Family = SocketAddress::Family;
  if (datagram.source.family != Family::ipv4 || datagram.destination.family != Family::ipv4) {
    ++skipped_;
    return;
  }
  const std::span<const std::uint8_t> payload = datagram.bytes.bytes();
  const std::size_t total = kIpHeader + kUdpHeader + payload.size();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_start);
  std::string record;
  put_le32(record, static_cast<std::uint32_t>(seconds.count()));
  put_le32(record, static_cast<std::uint32_t>((since_start - seconds).count()));
  put_le32(record, static_cast<std::uint32_t>(total));
  put_le32(record, static_cast<std::uint32_t>(total));
  record += ip_header(datagram, total);
  put_be16(record, datagram.source.port);
  put_be16(record, datagram.destination.port);
  put_be16(record, kUdpHeader + payload.size());
  put_be16(record, 0);  // RFC 768: none was computed
  record.append(payload.begin(), payload.end());
  file_.write(record);
}

}  // namespace hawser::seeing
