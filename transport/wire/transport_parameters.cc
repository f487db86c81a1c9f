#include "transport/wire/transport_parameters.h"

#include <algorithm>

#include "transport/wire/byte_reader.h"
#include "transport/wire/byte_writer.h"
#include "transport/wire/codec.h"
#include "transport/wire/wire_units.h"

namespace hawser::wire {
namespace {

/// Ids on the wire; parameters stand in ascending order of them.
enum class ParameterId : std::uint64_t {
  idle_timeout = 1,
  datagram_size_max = 2,
  message_size_max = 3,
  initial_credit = 4,
  channels_max = 5,
  ack_delay_max = 6,
  arq = 7,
  integrity_profiles = 8,
  reset_token = 9,
  incarnation = 10,
  instance_id = 11,
  transcript = 12,
  token = 13
};

/// One more than the largest ChannelId.
constexpr std::uint64_t kChannelsMax = 65536;

std::array<std::uint8_t, 16> read_16_bytes(ByteReader& value) {
  std::array<std::uint8_t, 16> bytes{};
  const auto taken = value.take(bytes.size());
  std::copy(taken.begin(), taken.end(), bytes.begin());
  return bytes;
}

ByteCount read_datagram_size(ByteReader& value) {
  const ByteCount size = read_byte_count(value);
  value.require(size >= kInitSizeMin && size <= kDatagramSizeMax);
  return size;
}

std::uint64_t read_channels(ByteReader& value) {
  const std::uint64_t channels = value.varint_up_to(kChannelsMax);
  value.require(channels > 0);
  return channels;
}

ArqProtocol read_arq(ByteReader& value) {
  constexpr auto kLast = static_cast<std::uint64_t>(ArqProtocol::stop_and_wait);
  return static_cast<ArqProtocol>(value.varint_up_to(kLast));
}

std::span<const std::uint8_t> read_token(ByteReader& value) {
  const std::size_t size = value.rest().size();
  value.require(size > 0 && size <= kTokenSizeMax);
  return value.take(value.ok() ? size : 0);
}

/// Reads one value. Unknown ids are passed over: a later version may know them.
void read_parameter(ByteReader& value, std::uint64_t id, TransportParameters& parameters) {
  switch (static_cast<ParameterId>(id)) {
    case ParameterId::idle_timeout:
      parameters.idle_timeout = read_milliseconds(value);
      break;
    case ParameterId::datagram_size_max:
      parameters.datagram_size_max = read_datagram_size(value);
      break;
    case ParameterId::message_size_max:
      parameters.message_size_max = read_byte_count(value);
      break;
    case ParameterId::initial_credit:
      parameters.initial_credit = read_credit(value);
      break;
    case ParameterId::channels_max:
      parameters.channels_max = read_channels(value);
      break;
    case ParameterId::ack_delay_max:
      parameters.ack_delay_max = read_microseconds(value);
      value.require(parameters.ack_delay_max <= kAckDelayLimit);
      break;
    case ParameterId::arq:
      parameters.arq = read_arq(value);
      break;
    case ParameterId::integrity_profiles:
      parameters.integrity_profiles = value.varint();
      break;
    case ParameterId::reset_token:
      parameters.reset_token = read_16_bytes(value);
      break;
    case ParameterId::incarnation:
      parameters.incarnation = value.u64();
      break;
    case ParameterId::instance_id:
      parameters.instance_id = read_16_bytes(value);
      break;
    case ParameterId::transcript:
      parameters.transcript = value.u64();
      break;
    case ParameterId::token:
      parameters.token = read_token(value);
      break;
    default:
      value.take(value.rest().size());
  }
  value.require_end();
}

/// Writes parameters as (id, length, value).
class ParameterWriter {
 public:
  explicit ParameterWriter(ByteWriter& out) : out_(out) {}

  void varint(ParameterId id, std::uint64_t value) {
    begin(id, varint_size(value));
    out_.varint(value);
  }
  void u64(ParameterId id, std::uint64_t value) {
    begin(id, sizeof(value));
    out_.u64(value);
  }
  void bytes(ParameterId id, std::span<const std::uint8_t> value) {
    begin(id, value.size());
    out_.bytes(value);
  }
  void credit(ParameterId id, const Credit& value) {
    std::array<std::uint8_t, 16> space{};
    ByteWriter encoded(space);
    write_credit(encoded, value);
    bytes(id, encoded.written());
  }

 private:
  void begin(ParameterId id, std::size_t size) {
    out_.varint(static_cast<std::uint64_t>(id));
    out_.varint(size);
  }
  ByteWriter& out_;
};

void write_limits(ParameterWriter& writer, const TransportParameters& parameters) {
  static constexpr TransportParameters kDefaults;
  if (const auto timeout = milliseconds_of(parameters.idle_timeout); timeout != 0) {
    writer.varint(ParameterId::idle_timeout, timeout);
  }
  if (parameters.datagram_size_max != kDefaults.datagram_size_max) {
    writer.varint(ParameterId::datagram_size_max, byte_count_of(parameters.datagram_size_max));
  }
  if (parameters.message_size_max != kDefaults.message_size_max) {
    writer.varint(ParameterId::message_size_max, byte_count_of(parameters.message_size_max));
  }
  if (parameters.initial_credit != kDefaults.initial_credit) {
    writer.credit(ParameterId::initial_credit, parameters.initial_credit);
  }
  if (parameters.channels_max != kDefaults.channels_max) {
    writer.varint(ParameterId::channels_max, parameters.channels_max);
  }
  if (const auto delay = microseconds_of(parameters.ack_delay_max); delay != 0) {
    writer.varint(ParameterId::ack_delay_max, delay);
  }
  if (parameters.arq != kDefaults.arq) {
    writer.varint(ParameterId::arq, static_cast<std::uint64_t>(parameters.arq));
  }
  if (parameters.integrity_profiles != kDefaults.integrity_profiles) {
    writer.varint(ParameterId::integrity_profiles, parameters.integrity_profiles);
  }
}

void write_names(ParameterWriter& writer, const TransportParameters& parameters) {
  if (parameters.reset_token) writer.bytes(ParameterId::reset_token, *parameters.reset_token);
  if (parameters.incarnation) writer.u64(ParameterId::incarnation, *parameters.incarnation);
  if (parameters.instance_id) writer.bytes(ParameterId::instance_id, *parameters.instance_id);
  if (parameters.transcript) writer.u64(ParameterId::transcript, *parameters.transcript);
  if (!parameters.token.empty()) writer.bytes(ParameterId::token, parameters.token);
}

}  // namespace

Result<TransportParameters> parse_parameters(std::span<const std::uint8_t> encoded) {
  ByteReader reader(encoded);
  TransportParameters parameters;
  std::uint64_t id_min = 0;  // ascending, so that no id stands twice
  while (reader.ok() && !reader.rest().empty()) {
    const std::uint64_t id = reader.varint();
    reader.require(id >= id_min);
    id_min = id + 1;
    ByteReader value(reader.take(reader.varint()));
    if (!reader.ok()) break;
    read_parameter(value, id, parameters);
    // A value that is too short for its own length is wrong, not cut off.
    reader.require(value.ok());
  }
  if (!reader.ok()) return reader.error();
  return parameters;
}

std::size_t write_parameters(std::span<std::uint8_t> space, const TransportParameters& parameters) {
  HAWSER_ASSERT(parameters.datagram_size_max >= kInitSizeMin &&
                parameters.datagram_size_max <= kDatagramSizeMax);
  HAWSER_ASSERT(parameters.channels_max >= 1 && parameters.channels_max <= kChannelsMax);
  HAWSER_ASSERT(parameters.token.size() <= kTokenSizeMax);
  ByteWriter out(space);
  ParameterWriter writer(out);
  write_limits(writer, parameters);
  write_names(writer, parameters);
  return out.overflowed() ? 0 : out.size();
}

}  // namespace hawser::wire
