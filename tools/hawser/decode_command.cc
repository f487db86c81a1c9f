#include "tools/hawser/decode_command.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/hawser/flow_report.h"
#include "tools/hawser/pcap_reader.h"
#include "tools/hawser/value_text.h"

namespace hawser::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kExample[] =
    "\nExample: a lone packet with both ids of its connection\n"
    "  hawser decode 17505152535455565700000002080041f40000410000000568656c6c6f2bba6bb7 \\\n"
    "    --ids c0c1c2c3c4c5c6c7,5051525354555657\n";
constexpr char kIdsForm[] = "two ids in hexadecimal such as c0c1c2c3c4c5c6c7,5051525354555657";

std::optional<ConnectionId> parse_id(std::string_view text) {
  const auto bytes = parse_hex(text);
  if (!bytes || bytes->size() > ConnectionId::kSizeMax) return std::nullopt;
  return ConnectionId(*bytes);
}

// Any error makes the whole worth an exit code: scripts must notice.
bool has_error(const Json& packets) {
  for (const Json& packet : packets) {
    if (packet.contains("error") || packet.value("checksum", "") == "wrong") return true;
    for (const Json& frame : packet.value("frames", Json::array())) {
      if (frame.contains("error")) return true;
    }
  }
  return false;
}

}  // namespace

void DecodeCommand::declare(CLI::App& app) {
  app.add_option("input", input_, "hexadecimal digits, or the name of a capture file (pcap)")
      ->type_name("HEX|FILE.pcap")
      ->required();
  app.add_option("--ids", ids_, "both ids of the connection; a capture with its handshake has them")
      ->type_name("CLIENT,SERVER");
  app.add_flag("--json", is_json_, "one JSON object on standard output and nothing else");
  app.footer(kExample);
}

ExitCode DecodeCommand::run() {
  PacketDecoder decoder;
  learn_ids(decoder);
  std::error_code ignored;  // then it is no folder either
  std::ifstream stream(input_, std::ios::binary);
  if (stream && !std::filesystem::is_directory(input_, ignored)) {
    const std::vector<std::uint8_t> file{std::istreambuf_iterator<char>(stream), {}};
    return decode_capture(decoder, file);
  }
  const auto bytes = parse_hex(input_);
  if (!bytes) {
    throw CLI::ValidationError("input", refusal(input_, "hexadecimal digits or a readable file"));
  }
  return decode_hex(decoder, *bytes);
}

void DecodeCommand::learn_ids(PacketDecoder& decoder) const {
  if (ids_.empty()) return;
  const std::size_t comma = ids_.find(',');
  const auto client = parse_id(std::string_view(ids_).substr(0, comma));
  const auto server = comma == std::string::npos
                          ? std::nullopt
                          : parse_id(std::string_view(ids_).substr(comma + 1));
  if (!client || !server) throw CLI::ValidationError("--ids", refusal(ids_, kIdsForm));
  decoder.learn(*client, *server);
}

ExitCode DecodeCommand::decode_hex(PacketDecoder& decoder,
                                   const std::vector<std::uint8_t>& bytes) const {
  const Json packets = decoder.decode(bytes);
  if (is_json_) {
    fmt::print("{}\n", Json{{"packets", packets}}.dump());
  } else {
    for (const Json& packet : packets) fmt::print("{}", packet_text(packet));
  }
  return has_error(packets) ? ExitCode::promise_broken : ExitCode::ok;
}

ExitCode DecodeCommand::decode_capture(PacketDecoder& decoder,
                                       const std::vector<std::uint8_t>& file) const {
  CaptureError error;
  const auto capture = read_pcap(file, error);
  if (!capture) {
    fmt::print(stderr, "hawser decode: {}: {}\n", input_, error.line);
    return ExitCode::wrong_usage;
  }
  Json datagrams = Json::array();
  for (const CapturedDatagram& datagram : capture->datagrams) {
    const Json packets = decoder.decode(datagram.bytes);
    const std::string source = datagram.source.to_string();
    const std::string destination = datagram.destination.to_string();
    if (is_json_) {
      datagrams.push_back({{"time_s", to_ms(datagram.time) / 1e3},
                           {"source", source},
                           {"destination", destination},
                           {"size", datagram.bytes.size()},
                           {"packets", packets}});
      continue;
    }
    fmt::print("{:.6f} {} > {} {} B\n", to_ms(datagram.time) / 1e3, source, destination,
               datagram.bytes.size());
    for (const Json& packet : packets) fmt::print("{}", packet_text(packet));
  }
  if (is_json_) {
    fmt::print("{}\n", Json{{"datagrams", datagrams}, {"others", capture->others}}.dump());
  } else if (capture->others > 0) {
    fmt::print("{} other packets\n", capture->others);
  }
  return ExitCode::ok;
}

}  // namespace hawser::cli
