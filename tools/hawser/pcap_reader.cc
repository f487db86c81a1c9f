#include "tools/hawser/pcap_reader.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace hawser::cli {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kFileHeader = 24;
constexpr std::size_t kRecordHeader = 16;
constexpr std::uint16_t kIpv4Type = 0x0800;
constexpr std::uint16_t kIpv6Type = 0x86DD;
constexpr std::uint16_t kVlanType = 0x8100;
constexpr std::uint8_t kUdpProtocol = 17;

// Reads numbers of the file's own headers, in the byte order of the machine that wrote it.
struct FileOrder {
  bool is_little = true;
  std::uint32_t u32(Bytes bytes, std::size_t at) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      value = value << 8 | bytes[at + (is_little ? 3 - i : i)];
    }
    return value;
  }
};

std::uint16_t u16(Bytes bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

// What lies behind the link's own header, if it is IP.
std::optional<Bytes> ip_of_ethernet(Bytes frame) {
  std::size_t at = 12;
  while (frame.size() >= at + 2 && u16(frame, at) == kVlanType) at += 4;
  if (frame.size() < at + 2) return std::nullopt;
  const std::uint16_t type = u16(frame, at);
  if (type != kIpv4Type && type != kIpv6Type) return std::nullopt;
  return frame.subspan(at + 2);
}

std::optional<Bytes> skip(Bytes frame, std::size_t size) {
  if (frame.size() < size) return std::nullopt;
  return frame.subspan(size);
}

struct LinkType {
  std::uint32_t number;
  std::optional<Bytes> (*ip_of)(Bytes frame);
};
// By the numbers of tcpdump.org's list.
constexpr std::array<LinkType, 7> kLinkTypes{{
    {0, [](Bytes frame) { return skip(frame, 4); }},     // NULL: loopback of the BSDs
    {1, ip_of_ethernet},                                 // EN10MB
    {12, [](Bytes frame) { return skip(frame, 0); }},    // RAW, as some systems number it
    {14, [](Bytes frame) { return skip(frame, 0); }},    // likewise
    {101, [](Bytes frame) { return skip(frame, 0); }},   // RAW
    {113, [](Bytes frame) { return skip(frame, 16); }},  // LINUX_SLL
    {276, [](Bytes frame) { return skip(frame, 20); }},  // LINUX_SLL2
}};

// What follows the IP header, and between which hosts, if it is an unfragmented UDP datagram.
struct IpPayload {
  SocketAddress source;
  SocketAddress destination;
  Bytes udp;
};

SocketAddress host(SocketAddress::Family family, Bytes ip) {
  SocketAddress address;
  address.family = family;
  std::ranges::copy(ip, address.ip.begin());
  return address;
}

std::optional<IpPayload> parse_ipv4(Bytes ip) {
  if (ip.size() < 20) return std::nullopt;
  const std::size_t header = static_cast<std::size_t>(ip[0] & 0x0F) * 4;
  const bool is_fragment = (u16(ip, 6) & 0x3FFF) != 0;
  const std::size_t total = u16(ip, 2);
  if (header < 20 || total < header || ip[9] != kUdpProtocol || is_fragment) return std::nullopt;
  if (ip.size() < header) return std::nullopt;
  // Short frames are padded: the IP length says where the packet ends.
  const Bytes packet = ip.first(std::min(total, ip.size()));
  return IpPayload{host(SocketAddress::Family::ipv4, ip.subspan(12, 4)),
                   host(SocketAddress::Family::ipv4, ip.subspan(16, 4)), packet.subspan(header)};
}

std::optional<IpPayload> parse_ipv6(Bytes ip) {
  constexpr std::size_t kHeader = 40;
  if (ip.size() < kHeader || ip[6] != kUdpProtocol) return std::nullopt;
  const std::size_t length = std::min<std::size_t>(u16(ip, 4), ip.size() - kHeader);
  return IpPayload{host(SocketAddress::Family::ipv6, ip.subspan(8, 16)),
                   host(SocketAddress::Family::ipv6, ip.subspan(24, 16)),
                   ip.subspan(kHeader, length)};
}

std::optional<CapturedDatagram> parse_udp(Bytes ip) {
  if (ip.empty()) return std::nullopt;
  const unsigned version = ip[0] >> 4;
  std::optional<IpPayload> payload;
  if (version == 4) payload = parse_ipv4(ip);
  if (version == 6) payload = parse_ipv6(ip);
  constexpr std::size_t kUdpHeader = 8;
  if (!payload || payload->udp.size() < kUdpHeader) return std::nullopt;
  CapturedDatagram datagram;
  datagram.source = payload->source;
  datagram.destination = payload->destination;
  datagram.source.port = u16(payload->udp, 0);
  datagram.destination.port = u16(payload->udp, 2);
  datagram.bytes = payload->udp.subspan(kUdpHeader);
  return datagram;
}

}  // namespace

std::optional<Capture> read_pcap(std::span<const std::uint8_t> file, CaptureError& error) {
  constexpr std::uint32_t kMicroseconds = 0xA1B2C3D4;
  constexpr std::uint32_t kNanoseconds = 0xA1B23C4D;
  if (file.size() < kFileHeader) {
    error.line = "the file is too short for a capture";
    return std::nullopt;
  }
  FileOrder order;
  const auto is_magic = [](std::uint32_t magic) {
    return magic == kMicroseconds || magic == kNanoseconds;
  };
  if (!is_magic(order.u32(file, 0))) order.is_little = false;
  const std::uint32_t magic = order.u32(file, 0);
  if (!is_magic(magic)) {
    error.line = "the file is no classic pcap (write pcapng as pcap first: tcpdump -r in -w out)";
    return std::nullopt;
  }
  const std::uint32_t link = order.u32(file, 20) & 0x0FFFFFFF;
  const auto* type = std::ranges::find(kLinkTypes, link, &LinkType::number);
  if (type == kLinkTypes.end()) {
    error.line = fmt::format(
        "link type {} is unknown: Ethernet, raw IP, loopback and Linux cooked are read", link);
    return std::nullopt;
  }

  Capture capture;
  std::optional<Duration> first;
  for (std::size_t at = kFileHeader; file.size() - at >= kRecordHeader;) {
    const std::size_t size = order.u32(file, at + 8);
    const Duration fraction(std::int64_t{order.u32(file, at + 4)} *
                            (magic == kMicroseconds ? 1000 : 1));
    const Duration time = std::chrono::seconds(order.u32(file, at)) + fraction;
    at += kRecordHeader;
    if (size > file.size() - at) break;  // the capture was cut off in the middle of a packet
    if (!first) first = time;
    const std::optional<Bytes> ip = type->ip_of(file.subspan(at, size));
    std::optional<CapturedDatagram> datagram = ip ? parse_udp(*ip) : std::nullopt;
    if (datagram) {
      datagram->time = time - *first;
      capture.datagrams.push_back(*datagram);
    } else {
      ++capture.others;
    }
    at += size;
  }
  return capture;
}

}  // namespace hawser::cli
