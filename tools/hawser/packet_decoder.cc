#include "tools/hawser/packet_decoder.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/hawser/frame_json.h"

namespace hawser::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kUsualIdSize = 8;
// A lone packet's number may be any that ends in the bytes sent: so many are tried.
constexpr std::uint64_t kNumbersTried = 256;

const char* name_of(wire::PacketType type) {
  switch (type) {
    case wire::PacketType::init:
      return "INIT";
    case wire::PacketType::retry:
      return "RETRY";
    case wire::PacketType::accept:
      return "ACCEPT";
    case wire::PacketType::version:
      return "VERSION";
    case wire::PacketType::refuse:
      return "REFUSE";
    case wire::PacketType::data:
      return "DATA";
    case wire::PacketType::reset:
      return "RESET";
  }
  return "?";
}

bool is_supported(std::uint32_t version) {
  return version == 0 ||
         std::ranges::find(wire::kSupportedVersions, version) != std::end(wire::kSupportedVersions);
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void add_fields(std::string& text, const Json& object) {
  for (const auto& [name, value] : object.items()) {
    if (name == "type" || name == "frames") continue;
    if (value.is_object()) {
      add_fields(text, value);
    } else if (value.is_array()) {
      text += fmt::format(" {}=", name);
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (i > 0) text += ",";
        text += value[i].get<std::string>();
      }
    } else if (!value.is_string() || !value.get<std::string>().empty()) {
      text +=
          fmt::format(" {}={}", name, value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
}

}  // namespace

std::optional<std::vector<std::uint8_t>> parse_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == ':' || c == '\n' || c == '\t') continue;
    const int digit = digit_of(c);
    if (digit < 0) return std::nullopt;
    if (high < 0) {
      high = digit;
      continue;
    }
    bytes.push_back(static_cast<std::uint8_t>(high * 16 + digit));
    high = -1;
  }
  return high < 0 && !bytes.empty() ? std::optional(bytes) : std::nullopt;
}

void PacketDecoder::learn(const ConnectionId& client, const ConnectionId& server) {
  const auto add = [this](const ConnectionId& destination, const ConnectionId& source) {
    const auto known = std::ranges::find(directions_, destination, &Direction::destination);
    if (known == directions_.end()) directions_.push_back({destination, source, PacketNumber(0)});
  };
  add(client, server);
  add(server, client);
}

// Short headers do not say how long their id is: the known ids do.
PacketDecoder::Direction* PacketDecoder::direction_to(std::span<const std::uint8_t> datagram) {
  const auto found = std::ranges::find_if(directions_, [datagram](const Direction& direction) {
    const auto id = direction.destination.bytes();
    return !id.empty() && datagram.size() > id.size() &&
           std::ranges::equal(datagram.subspan(1, id.size()), id);
  });
  return found == directions_.end() ? nullptr : &*found;
}

Json PacketDecoder::decode(std::span<const std::uint8_t> datagram) {
  Json packets = Json::array();
  if (datagram.empty()) packets.push_back({{"type", "?"}, {"error", "the datagram is empty"}});
  while (!datagram.empty()) {
    Direction* direction = direction_to(datagram);
    const std::size_t id_size = direction ? direction->destination.size() : kUsualIdSize;
    const auto view = wire::parse_packet(datagram, id_size);
    if (!view) {
      packets.push_back({{"type", "?"}, {"error", view.error().message()}});
      break;
    }
    packets.push_back(view->type == wire::PacketType::data ? decode_data(*view, direction)
                                                           : decode_long(*view));
    datagram = datagram.subspan(view->packet.size());
  }
  return packets;
}

Json PacketDecoder::decode_data(const wire::PacketView& view, Direction* direction) {
  Json json = {{"type", name_of(view.type)},
               {"size", view.packet.size()},
               {"destination_id", to_hex(view.destination_id.bytes())}};
  if (view.immediate_ack) json["immediate_ack"] = true;
  const std::uint64_t truncated = view.truncated_number;
  json["number"] = truncated;
  const char* verdict = "unverified";  // for want of the source's id
  if (direction != nullptr) {
    verdict = "wrong";
    const auto header = wire::make_pseudo_header(direction->destination, direction->source);
    const PacketNumber expected =
        wire::expand_packet_number(view.truncated_number, view.number_size, direction->expected);
    const std::uint64_t period = std::uint64_t{1} << (8 * view.number_size);
    for (std::uint64_t i = 0; i <= kNumbersTried; ++i) {
      const PacketNumber number = i == 0 ? expected : PacketNumber(truncated + (i - 1) * period);
      if (!wire::verify_data_packet(view, header, number)) continue;
      verdict = "ok";
      json["number"] = number.value();
      direction->expected = std::max(direction->expected, number.next());
      break;
    }
  }
  json["checksum"] = verdict;
  json["frames"] = frames_json(view.payload);
  return json;
}

Json PacketDecoder::decode_long(const wire::PacketView& view) {
  if (view.type == wire::PacketType::reset) {
    return {{"type", name_of(view.type)},
            {"size", view.packet.size()},
            {"checksum", wire::verify_plain_packet(view) ? "ok" : "wrong"},
            {"token", to_hex(view.payload)}};
  }
  Json json = {{"type", is_supported(view.version) ? name_of(view.type) : "LONG"},
               {"size", view.packet.size()},
               {"version", fmt::format("{:08x}", view.version)},
               {"destination_id", to_hex(view.destination_id.bytes())},
               {"source_id", to_hex(view.source_id.bytes())}};
  if (!is_supported(view.version)) return json;
  const bool is_ok = wire::verify_plain_packet(view);
  json["number"] = view.truncated_number;
  json["checksum"] = is_ok ? "ok" : "wrong";
  json.update(body_json(view));
  if (is_ok && view.type == wire::PacketType::accept) learn(view.destination_id, view.source_id);
  return json;
}

std::string packet_text(const Json& packet) {
  std::string text = packet.value("type", "?");
  add_fields(text, packet);
  text += "\n";
  for (const Json& frame : packet.value("frames", Json::array())) {
    text += "  " + frame.value("type", "?");
    add_fields(text, frame);
    text += "\n";
  }
  return text;
}

}  // namespace hawser::cli
