// Decodes every example of WIRE_FORMAT.md, read from the file itself. An example is a fenced block
//     ```example <kind> <name=value>...
//     <hex bytes>  # a remark
//     => <what they decode to, one line per packet, body or frame>
//     ```
// and proves the decoder; where a writer exists for what it shows, the same bytes prove that too.

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/transport/wire/wire_samples.h"
#include "transport/wire/byte_reader.h"
#include "transport/wire/checksum.h"
#include "transport/wire/codec.h"
#include "transport/wire/siphash.h"

namespace hawser::wire {
namespace {

using samples::Bytes;
using samples::from_hex;
using samples::to_hex;

// ---- The examples in the file --------------------------------------------------------------

struct Example {
  std::size_t line = 0;
  std::string kind;
  std::map<std::string, std::string> settings;
  Bytes bytes;
  std::vector<std::string> expected;

  Bytes hex_setting(const std::string& name) const {
    return settings.contains(name) ? from_hex(settings.at(name)) : Bytes();
  }
  std::uint64_t number_setting(const std::string& name) const {
    return settings.contains(name) ? std::stoull(settings.at(name), nullptr, 16) : 0;
  }
};

/// Hex bytes; `00*20` stands for twenty of them, `#` begins a remark.
Bytes bytes_of_line(const std::string& line) {
  Bytes bytes;
  std::istringstream words(line.substr(0, line.find('#')));
  for (std::string word; words >> word;) {
    const std::size_t star = word.find('*');
    const Bytes once = from_hex(word.substr(0, star));
    const std::size_t times = star == std::string::npos ? 1 : std::stoul(word.substr(star + 1));
    for (std::size_t i = 0; i < times; ++i) bytes.insert(bytes.end(), once.begin(), once.end());
  }
  return bytes;
}

Example begin_example(const std::string& info, std::size_t line) {
  Example example;
  example.line = line;
  std::istringstream words(info);
  words >> example.kind >> example.kind;  // the first word is "```example"
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    example.settings[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return example;
}

std::vector<Example> read_examples() {
  std::vector<Example> examples;
  std::ifstream file(HAWSER_WIRE_FORMAT_MD);
  bool is_inside = false;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.starts_with("```example")) {
      examples.push_back(begin_example(line, number));
      is_inside = true;
    } else if (line.starts_with("```")) {
      is_inside = false;
    } else if (is_inside && line.starts_with("=> ")) {
      examples.back().expected.push_back(line.substr(3));
    } else if (is_inside) {
      const Bytes bytes = bytes_of_line(line);
      examples.back().bytes.insert(examples.back().bytes.end(), bytes.begin(), bytes.end());
    }
  }
  return examples;
}

// ---- What bytes decode to, in words --------------------------------------------------------

using Lines = std::vector<std::string>;

std::string error_name(const std::error_code& error) {
  return error == Errc::truncated ? "truncated" : "malformed";
}
std::string text(std::uint64_t value) { return std::to_string(value); }
std::string text(Sequence value) { return text(value.value()); }
std::string text(PacketNumber value) { return text(value.value()); }
std::string text(ByteCount value) { return std::to_string(value.value()); }
std::string text(const Credit& credit) {
  return text(credit.sequence_limit) + "," + text(credit.message_limit);
}
std::string microseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}
std::string quoted(std::span<const std::uint8_t> phrase) {
  return '"' + std::string(phrase.begin(), phrase.end()) + '"';
}
std::string hex_number(std::uint64_t value, int bytes) {
  Bytes digits;
  for (int i = bytes - 1; i >= 0; --i)
    digits.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  return to_hex(digits);
}
template <typename Range>
std::string join_ranges(const Range& ranges, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) result += ',';
    result += text(ranges[i].smallest);
    result += "..";
    result += text(ranges[i].largest);
  }
  return result;
}

struct Describe {
  std::string operator()(const PaddingFrame& frame) const {
    return "PADDING count=" + text(frame.count);
  }
  std::string operator()(const PingFrame&) const { return "PING"; }
  std::string operator()(const AckFrame& frame) const {
    const auto ranges = samples::ranges_of(frame.ranges);
    std::string result = "ACK ranges=" + join_ranges(ranges, ranges.size()) +
                         " delay_us=" + microseconds(frame.delay);
    if (frame.ecn) {
      result +=
          " ecn=" + text(frame.ecn->ect0) + "," + text(frame.ecn->ect1) + "," + text(frame.ecn->ce);
    }
    if (frame.credit) result += " credit=" + text(*frame.credit);
    return result;
  }
  std::string operator()(const AckFrequencyFrame& frame) const {
    return "ACK_FREQUENCY request=" + text(frame.request_number) +
           " packets=" + text(frame.packet_tolerance) +
           " delay_us=" + microseconds(frame.max_ack_delay) +
           " reordering=" + text(frame.reordering_threshold);
  }
  std::string operator()(const SkipFrame& frame) const {
    return "SKIP ranges=" + join_ranges(frame.ranges, frame.count);
  }
  std::string operator()(const WindowFrame& frame) const {
    return "WINDOW credit=" + text(frame.credit);
  }
  std::string operator()(const PathChallengeFrame& frame) const {
    return "PATH_CHALLENGE data=" + to_hex(frame.data);
  }
  std::string operator()(const PathResponseFrame& frame) const {
    return "PATH_RESPONSE data=" + to_hex(frame.data);
  }
  std::string operator()(const CloseFrame& frame) const {
    return std::string("CLOSE reason=") + to_string(frame.reason) +
           " code=" + text(frame.application_code) + " phrase=" + quoted(frame.phrase);
  }
  std::string operator()(const SegmentFrame& frame) const {
    std::string result = frame.sequence
                             ? "SEGMENT sequence=" + text(*frame.sequence) +
                                   (frame.line == MessageLine::ordered ? " ordered" : " unordered")
                             : "UNSEQUENCED";
    result += " channel=" + text(static_cast<std::uint64_t>(frame.channel)) +
              " message=" + text(frame.message_number) + " offset=" + text(frame.offset) +
              " total=" + text(frame.total);
    if (frame.message_checksum) result += " checksum=" + hex_number(*frame.message_checksum, 4);
    return result + " bytes=" + to_hex(frame.bytes);
  }
};

void describe_frames(std::span<const std::uint8_t> payload, Lines& lines) {
  FrameReader reader(payload);
  while (!reader.at_end()) {
    const auto frame = reader.next();
    lines.push_back(frame ? std::visit(Describe{}, *frame) : error_name(frame.error()));
  }
}

std::string describe_parameters(const TransportParameters& parameters) {
  std::string result = "parameters";
  const auto add = [&result](const char* name, const std::string& value) {
    result += std::string(" ") + name + "=" + value;
  };
  const TransportParameters defaults;
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(parameters.idle_timeout).count();
  if (milliseconds != 0) add("idle_timeout", std::to_string(milliseconds));
  if (parameters.datagram_size_max != defaults.datagram_size_max) {
    add("datagram_size_max", text(parameters.datagram_size_max));
  }
  if (parameters.message_size_max != defaults.message_size_max) {
    add("message_size_max", text(parameters.message_size_max));
  }
  if (parameters.initial_credit != defaults.initial_credit) {
    add("initial_credit", text(parameters.initial_credit));
  }
  if (parameters.channels_max != 1) add("channels_max", text(parameters.channels_max));
  if (parameters.ack_delay_max != Duration(0)) {
    add("ack_delay_max", microseconds(parameters.ack_delay_max));
  }
  if (parameters.arq != defaults.arq) add("arq", text(static_cast<std::uint64_t>(parameters.arq)));
  if (parameters.integrity_profiles != defaults.integrity_profiles) {
    add("integrity_profiles", text(parameters.integrity_profiles));
  }
  if (parameters.reset_token) add("reset_token", to_hex(*parameters.reset_token));
  if (parameters.incarnation) add("incarnation", hex_number(*parameters.incarnation, 8));
  if (parameters.instance_id) add("instance_id", to_hex(*parameters.instance_id));
  if (parameters.transcript) add("transcript", hex_number(*parameters.transcript, 8));
  if (!parameters.token.empty()) add("token", to_hex(parameters.token));
  return result;
}

void describe_init(const PacketView& view, Lines& lines) {
  const auto body = parse_init(view.payload);
  if (!body) return lines.push_back(error_name(body.error()));
  lines.push_back("token=" + to_hex(body->token) + " payload=" + to_hex(body->payload) +
                  " transcript=" + hex_number(transcript_of_init(view, *body), 8));
  lines.push_back(describe_parameters(body->parameters));
}

void describe_accept(const PacketView& view, Lines& lines) {
  const auto body = parse_accept(view.payload);
  if (!body) return lines.push_back(error_name(body.error()));
  lines.push_back("acknowledged_init=" + text(body->acknowledged_init) + " delay_us=" +
                  microseconds(body->ack_delay) + " payload=" + to_hex(body->payload));
  lines.push_back(describe_parameters(body->parameters));
}

void describe_long(const PacketView& view, Lines& lines) {
  static const std::map<PacketType, std::string> kNames{{PacketType::init, "INIT"},
                                                        {PacketType::retry, "RETRY"},
                                                        {PacketType::accept, "ACCEPT"},
                                                        {PacketType::version, "VERSION"},
                                                        {PacketType::refuse, "REFUSE"}};
  std::string line = kNames.at(view.type) + " destination=" + to_hex(view.destination_id.bytes()) +
                     " source=" + to_hex(view.source_id.bytes());
  if (view.type != PacketType::version) line += " number=" + text(view.truncated_number);
  lines.push_back(line + (verify_plain_packet(view) ? "" : " damaged"));
  if (view.type == PacketType::init) describe_init(view, lines);
  if (view.type == PacketType::accept) describe_accept(view, lines);
  if (view.type == PacketType::version) {
    lines.push_back(*version_list_has(view.payload, kVersion1) ? "has version 1" : "has it not");
  }
  if (view.type == PacketType::retry) {
    const auto cookie = parse_retry(view.payload);
    lines.push_back(cookie ? "cookie=" + to_hex(*cookie) : error_name(cookie.error()));
  }
  if (view.type == PacketType::refuse) {
    const auto body = parse_refuse(view.payload);
    if (!body) return lines.push_back(error_name(body.error()));
    lines.push_back(std::string("reason=") + to_string(body->reason) +
                    " code=" + text(body->application_code) + " phrase=" + quoted(body->phrase));
  }
}

void describe_data(const Example& example, const PacketView& view, Lines& lines) {
  const auto number = expand_packet_number(view.truncated_number, view.number_size,
                                           PacketNumber(example.number_setting("expected")));
  const auto pseudo_header =
      make_pseudo_header(view.destination_id, ConnectionId(example.hex_setting("source")));
  lines.push_back("DATA destination=" + to_hex(view.destination_id.bytes()) + " number=" +
                  hex_number(number.value(), 8) + (view.immediate_ack ? " immediate_ack" : "") +
                  (verify_data_packet(view, pseudo_header, number) ? "" : " damaged"));
  describe_frames(view.payload, lines);
}

void describe_packet(const Example& example, const PacketView& view, Lines& lines) {
  if (view.type == PacketType::data) {
    describe_data(example, view, lines);
  } else if (view.type == PacketType::reset) {
    lines.push_back("RESET token=" + to_hex(view.payload) +
                    (verify_plain_packet(view) ? "" : " damaged"));
  } else if (view.version == 0 || view.version == kVersion1) {
    describe_long(view, lines);
  } else {
    lines.push_back("unknown version=" + hex_number(view.version, 4) +
                    " destination=" + to_hex(view.destination_id.bytes()) +
                    " source=" + to_hex(view.source_id.bytes()));
  }
}

Lines describe_datagram(const Example& example) {
  Lines lines;
  const std::size_t id_size = samples::kIdSize;
  const auto count = count_packets(example.bytes, id_size);
  if (!count) return {error_name(count.error())};
  for (auto rest = std::span(example.bytes); !rest.empty();) {
    const auto view = parse_packet(rest, id_size);
    describe_packet(example, *view, lines);
    rest = rest.subspan(view->packet.size());
  }
  return lines;
}

Lines describe(const Example& example) {
  if (example.kind == "datagram") return describe_datagram(example);
  if (example.kind == "frames") {
    Lines lines;
    describe_frames(example.bytes, lines);
    return lines;
  }
  if (example.kind == "parameters") {
    const auto parameters = parse_parameters(example.bytes);
    return {parameters ? describe_parameters(*parameters) : error_name(parameters.error())};
  }
  if (example.kind == "varint") {
    ByteReader reader(example.bytes);
    const std::uint64_t value = reader.varint();
    reader.require_end();
    return {reader.ok() ? text(value) : error_name(reader.error())};
  }
  if (example.kind == "crc32c") return {hex_number(crc32c(example.bytes), 4)};
  if (example.kind == "siphash") {
    const Bytes key = example.hex_setting("key");
    return {hex_number(siphash64(std::span(key).first<16>(), example.bytes), 8)};
  }
  if (example.kind == "number") {
    ByteReader reader(example.bytes);
    const auto truncated = static_cast<std::uint32_t>(reader.big_endian(example.bytes.size()));
    return {hex_number(expand_packet_number(truncated, example.bytes.size(),
                                            PacketNumber(example.number_setting("expected")))
                           .value(),
                       8)};
  }
  return {"unknown kind of example: " + example.kind};
}

// ---- Tests ---------------------------------------------------------------------------------

TEST(WireFormatTest, EveryExampleDecodesAsItSays) {
  for (const Example& example : read_examples()) {
    EXPECT_EQ(describe(example), example.expected) << "WIRE_FORMAT.md:" << example.line;
  }
}

TEST(WireFormatTest, ThereIsAnExampleOfEveryPacketAndFrame) {
  std::set<std::string> seen;
  for (const Example& example : read_examples()) {
    for (const std::string& line : example.expected) seen.insert(line.substr(0, line.find(' ')));
  }
  for (const char* name :
       {"INIT",       "RETRY",          "ACCEPT",        "VERSION", "REFUSE",        "DATA",
        "RESET",      "PADDING",        "PING",          "ACK",     "ACK_FREQUENCY", "SKIP",
        "WINDOW",     "PATH_CHALLENGE", "PATH_RESPONSE", "CLOSE",   "SEGMENT",       "UNSEQUENCED",
        "parameters", "malformed",      "truncated"}) {
    EXPECT_TRUE(seen.contains(name)) << name;
  }
}

/// What the writer makes of a frame, first with more space than it needs, then with just enough.
bool is_written_so(const Frame& frame, std::span<const std::uint8_t> bytes) {
  for (const std::size_t extra : {std::size_t{16}, std::size_t{0}}) {
    Bytes space(7 + bytes.size() + extra);  // a header without an id, and the trailer
    PacketWriter writer(space, ShortHeader{.number_size = 2});
    const std::size_t header_size = writer.size();
    if (!samples::write_any(writer, frame)) continue;
    const auto written = std::span(space).first(writer.size()).subspan(header_size);
    if (samples::same(written, bytes)) return true;
  }
  return false;
}

TEST(WireFormatTest, TheWriterMakesTheFramesOfTheExamples) {
  std::size_t frames = 0;
  for (const Example& example : read_examples()) {
    if (example.kind != "frames" || example.expected.size() != 1) continue;
    const auto frame = FrameReader(example.bytes).next();
    if (!frame || std::holds_alternative<PaddingFrame>(*frame)) continue;
    EXPECT_TRUE(is_written_so(*frame, example.bytes)) << "WIRE_FORMAT.md:" << example.line;
    ++frames;
  }
  EXPECT_GE(frames, 10U);
}

TEST(WireFormatTest, TheWriterMakesTheParametersOfTheExamples) {
  for (const Example& example : read_examples()) {
    if (example.kind != "parameters" || example.settings.contains("foreign")) continue;
    const auto parameters = parse_parameters(example.bytes);
    if (!parameters) continue;
    Bytes space(300);
    space.resize(write_parameters(space, *parameters));
    EXPECT_EQ(to_hex(space), to_hex(example.bytes)) << "WIRE_FORMAT.md:" << example.line;
  }
}

}  // namespace
}  // namespace hawser::wire
