#include "tools/hawser/frame_json.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hawser::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kPreviewBytes = 32;

std::int64_t to_us(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

std::string text_of(std::span<const std::uint8_t> bytes) {
  std::string text(bytes.begin(), bytes.end());
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '.';
  }
  return text;
}

Json credit_json(const wire::Credit& credit) {
  return {{"sequence_limit", credit.sequence_limit.value()},
          {"message_limit", credit.message_limit.value()}};
}

/// One overload per kind of frame.
struct FrameDescriber {
  Json operator()(const wire::PaddingFrame& frame) const {
    return {{"type", "PADDING"}, {"count", frame.count}};
  }
  Json operator()(const wire::PingFrame&) const { return {{"type", "PING"}}; }
  Json operator()(const wire::AckFrame& frame) const {
    Json json = {{"type", "ACK"}, {"ranges", Json::array()}, {"delay_us", to_us(frame.delay)}};
    wire::AckRangeReader reader(frame.ranges);
    while (const auto range = reader.next()) {
      json["ranges"].push_back(
          fmt::format("{}..{}", range->smallest.value(), range->largest.value()));
    }
    if (frame.ecn) {
      json["ect0"] = frame.ecn->ect0;
      json["ect1"] = frame.ecn->ect1;
      json["ce"] = frame.ecn->ce;
    }
    if (frame.credit) json.update(credit_json(*frame.credit));
    return json;
  }
  Json operator()(const wire::AckFrequencyFrame& frame) const {
    return {{"type", "ACK_FREQUENCY"},
            {"request", frame.request_number},
            {"packet_tolerance", frame.packet_tolerance},
            {"max_ack_delay_us", to_us(frame.max_ack_delay)},
            {"reordering_threshold", frame.reordering_threshold}};
  }
  Json operator()(const wire::SkipFrame& frame) const {
    Json json = {{"type", "SKIP"}, {"sequences", Json::array()}};
    for (std::size_t i = 0; i < frame.count; ++i) {
      const wire::SequenceRange& range = frame.ranges[i];
      json["sequences"].push_back(
          fmt::format("{}..{}", range.smallest.value(), range.largest.value()));
    }
    return json;
  }
  Json operator()(const wire::WindowFrame& frame) const {
    Json json = {{"type", "WINDOW"}};
    json.update(credit_json(frame.credit));
    return json;
  }
  Json operator()(const wire::PathChallengeFrame& frame) const {
    return {{"type", "PATH_CHALLENGE"}, {"data", to_hex(frame.data)}};
  }
  Json operator()(const wire::PathResponseFrame& frame) const {
    return {{"type", "PATH_RESPONSE"}, {"data", to_hex(frame.data)}};
  }
  Json operator()(const wire::CloseFrame& frame) const {
    return {{"type", "CLOSE"},
            {"reason", to_string(frame.reason)},
            {"application_code", frame.application_code},
            {"phrase", text_of(frame.phrase)}};
  }
  Json operator()(const wire::SegmentFrame& frame) const {
    static constexpr const char* kLines[] = {"ordered", "unordered", "unreliable"};
    Json json = {{"type", frame.sequence ? "SEGMENT" : "UNSEQUENCED"}};
    if (frame.sequence) json["sequence"] = frame.sequence->value();
    json["line"] = kLines[static_cast<std::size_t>(frame.line)];
    json["channel"] = static_cast<unsigned>(frame.channel);
    json["message"] = frame.message_number;
    json["offset"] = frame.offset.value();
    json["size"] = frame.bytes.size();
    json["total"] = frame.total.value();
    if (frame.message_checksum)
      json["message_crc"] = fmt::format("{:08x}", *frame.message_checksum);
    json["bytes"] = to_hex(frame.bytes.first(std::min(frame.bytes.size(), kPreviewBytes))) +
                    (frame.bytes.size() > kPreviewBytes ? "..." : "");
    return json;
  }
};

Json parameters_json(const wire::TransportParameters& parameters) {
  static constexpr const char* kArqs[] = {"selective_repeat", "go_back_n", "stop_and_wait"};
  Json json = {{"idle_timeout_ms", to_us(parameters.idle_timeout) / 1000},
               {"datagram_size_max", parameters.datagram_size_max.value()},
               {"message_size_max", parameters.message_size_max.value()},
               {"channels_max", parameters.channels_max},
               {"ack_delay_max_us", to_us(parameters.ack_delay_max)},
               {"arq", kArqs[static_cast<std::size_t>(parameters.arq)]},
               {"integrity_profiles", parameters.integrity_profiles}};
  json.update(credit_json(parameters.initial_credit));
  if (parameters.reset_token) json["reset_token"] = to_hex(*parameters.reset_token);
  if (parameters.incarnation) json["incarnation"] = fmt::format("{:016x}", *parameters.incarnation);
  if (parameters.instance_id) json["instance_id"] = to_hex(*parameters.instance_id);
  if (parameters.transcript) json["transcript"] = fmt::format("{:016x}", *parameters.transcript);
  if (!parameters.token.empty()) json["token"] = to_hex(parameters.token);
  return json;
}

Json init_json(const wire::PacketView& view) {
  const auto body = wire::parse_init(view.payload);
  if (!body) return {{"error", body.error().message()}};
  return {{"token", to_hex(body->token)},
          {"parameters", parameters_json(body->parameters)},
          {"payload_size", body->payload.size()}};
}

Json accept_json(const wire::PacketView& view) {
  const auto body = wire::parse_accept(view.payload);
  if (!body) return {{"error", body.error().message()}};
  return {{"acknowledged_init", body->acknowledged_init.value()},
          {"ack_delay_us", to_us(body->ack_delay)},
          {"parameters", parameters_json(body->parameters)},
          {"payload_size", body->payload.size()}};
}

Json refuse_json(const wire::PacketView& view) {
  const auto body = wire::parse_refuse(view.payload);
  if (!body) return {{"error", body.error().message()}};
  return {{"reason", to_string(body->reason)},
          {"application_code", body->application_code},
          {"phrase", text_of(body->phrase)}};
}

Json retry_json(const wire::PacketView& view) {
  const auto cookie = wire::parse_retry(view.payload);
  if (!cookie) return {{"error", cookie.error().message()}};
  return {{"cookie", to_hex(*cookie)}};
}

}  // namespace

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) hex += fmt::format("{:02x}", byte);
  return hex;
}

Json frames_json(std::span<const std::uint8_t> payload) {
  Json frames = Json::array();
  wire::FrameReader reader(payload);
  while (!reader.at_end()) {
    const auto frame = reader.next();
    frames.push_back(frame ? std::visit(FrameDescriber(), frame.value())
                           : Json{{"type", "?"}, {"error", frame.error().message()}});
  }
  return frames;
}

Json body_json(const wire::PacketView& view) {
  switch (view.type) {
    case wire::PacketType::init:
      return init_json(view);
    case wire::PacketType::accept:
      return accept_json(view);
    case wire::PacketType::refuse:
      return refuse_json(view);
    case wire::PacketType::retry:
      return retry_json(view);
    case wire::PacketType::version:
      return {{"versions", to_hex(view.payload)}};
    case wire::PacketType::data:
    case wire::PacketType::reset:
      break;
  }
  return Json::object();
}

}  // namespace hawser::cli
