#include "tools/seeing/qlog_writer.h"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/seeing/exact_text.h"

namespace hawser::seeing {
namespace {

// A header as the schema has it. Hawser's data packets look like 1-RTT packets to its readers, INIT
// and ACCEPT like the Initial packets of either side.
std::string header(PacketNumber number, bool is_handshake = false) {
  return fmt::format(R"("header":{{"packet_type":"{}","packet_number":{}}})",
                     is_handshake ? "initial" : "1RTT", number.value());
}
std::string raw(ByteCount bytes) { return fmt::format(R"("raw":{{"length":{}}})", bytes.value()); }

std::string_view mtu_probe_mark(bool is_mtu_probe) {
  return is_mtu_probe ? R"(,"is_mtu_probe_packet":true)" : "";
}

// Why a packet was dropped, in the schema's words.
std::string_view drop_trigger(std::string_view reason) {
  if (reason == "duplicates_dropped") return "duplicate";
  if (reason == "checksum_failures" || reason == "malformed_dropped") return "invalid";
  if (reason == "unknown_connection_dropped") return "connection_unknown";
  if (reason == "low_memory_dropped") return "internal_error";
  return "rejected";
}

// A state in the schema's words, where it has one.
std::string_view state_name(std::string_view state) {
  if (state == "handshaking") return "attempted";
  if (state == "established") return "handshake_complete";
  return state;
}

// The fields of an object, of which only those that changed are given.
class Fields {
 public:
  template <typename Value>
  void add(std::string_view key, const Value& value) {
    text_ += fmt::format("{}\"{}\":{}", text_.empty() ? "" : ",", key, value);
  }
  template <typename Value, typename Write>
  void add_if_new(std::string_view key, const std::pair<Value, Value>& old_and_new, Write write) {
    if (old_and_new.first != old_and_new.second) add(key, write(old_and_new.second));
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

QlogWriter::QlogWriter(std::filesystem::path path, const QlogName& name, TimePoint start)
    : file_(std::move(path)), start_(start) {
  const nlohmann::ordered_json head = {
      {"file_schema", "urn:ietf:params:qlog:file:sequential"},
      {"serialization_format", "application/qlog+json-seq"},
      {"title", name.title},
      {"trace",
       {{"common_fields",
         {{"time_format", "relative_to_epoch"},
          {"reference_time", {{"clock_type", "monotonic"}, {"epoch", "unknown"}}}}},
        {"vantage_point", {{"type", name.is_client ? "client" : "server"}}},
        {"event_schemas", {"urn:ietf:params:qlog:events:quic-12", "urn:hawser:qlog:events"}}}}};
  file_.write(fmt::format("\x1E{}\n", head.dump()));
}

void QlogWriter::on_event(TimePoint now, ConnectionHandle connection, const TraceEvent& event) {
  now_ = now - start_;
  const auto [entry, is_new] = known_.try_emplace(connection);
  Known& known = entry->second;
  if (is_new && connection != ConnectionHandle::none) known.group = ++groups_;
  std::visit([&](const auto& what) { on(known, what); }, event);
  const auto* state = std::get_if<StateTrace>(&event);
  if (state != nullptr && state->state == "closed") known_.erase(entry);
}

// Events of no connection have no group.
void QlogWriter::write(const Known& known, std::string_view name, std::string_view data) {
  const std::string group =
      known.group > 0 ? fmt::format(R"("group_id":"{}",)", known.group) : std::string();
  file_.write(fmt::format("\x1E{{\"time\":{},\"name\":\"{}\",{}\"data\":{{{}}}}}\n", exact_ms(now_),
                          name, group, data));
}

void QlogWriter::on(Known& known, const PacketSentTrace& packet) {
  write(known, "quic:packet_sent",
        fmt::format(R"({},{}{}{},"is_ack_eliciting":{},"has_message_bytes":{},)"
                    R"("has_retransmission":{})",
                    header(packet.number, packet.is_handshake), raw(packet.bytes),
                    mtu_probe_mark(packet.is_mtu_probe),
                    packet.is_probe ? R"(,"trigger":"pto_probe")" : "", packet.is_ack_eliciting,
                    packet.has_message_bytes, packet.has_retransmission));
}

void QlogWriter::on(Known& known, const PacketReceivedTrace& packet) {
  const std::string what = packet.is_retry ? R"("header":{"packet_type":"retry"})"
                                           : header(packet.number, packet.is_handshake);
  write(known, "quic:packet_received", what + "," + raw(packet.bytes));
}

void QlogWriter::on(Known& known, const PacketDroppedTrace& packet) {
  write(known, "quic:packet_dropped",
        raw(packet.bytes) + fmt::format(R"(,"details":{{"counter":"{}"}},"trigger":"{}")",
                                        packet.reason, drop_trigger(packet.reason)));
}

// "threshold" is the reordering window, which one of packets or time may have passed: the schema
// tells them apart, Hawser does not.
void QlogWriter::on(Known& known, const PacketLostTrace& packet) {
  const std::string_view trigger =
      packet.trigger == "threshold" ? "reordering_threshold" : packet.trigger;
  write(known, "quic:packet_lost",
        fmt::format(R"({},"bytes":{}{},"trigger":"{}")", header(packet.number),
                    packet.bytes.value(), mtu_probe_mark(packet.is_mtu_probe), trigger));
}

void QlogWriter::on(Known& known, const SpuriousLossTrace& packet) {
  write(known, "hawser:spurious_loss_detected", header(packet.number));
}

void QlogWriter::on(Known& known, const MetricsTrace& metrics) {
  const MetricsTrace old = known.has_metrics ? known.metrics : MetricsTrace();
  const CongestionSnapshot& before = old.congestion;
  const CongestionSnapshot& after = metrics.congestion;
  if (before.phase != after.phase) {
    write(known, "quic:congestion_state_updated",
          (known.has_metrics ? fmt::format(R"("old":"{}",)", before.phase) : std::string()) +
              fmt::format(R"("new":"{}")", after.phase));
  }
  const auto bytes = [](ByteCount value) { return value.value(); };
  Fields fields;
  fields.add_if_new("min_rtt", std::pair(old.rtt.min, metrics.rtt.min), exact_ms);
  fields.add_if_new("smoothed_rtt", std::pair(old.rtt.smoothed, metrics.rtt.smoothed), exact_ms);
  fields.add_if_new("latest_rtt", std::pair(old.rtt.latest, metrics.rtt.latest), exact_ms);
  fields.add_if_new("congestion_window",
                    std::pair(before.congestion_window, after.congestion_window), bytes);
  fields.add_if_new("bytes_in_flight", std::pair(old.bytes_in_flight, metrics.bytes_in_flight),
                    bytes);
  // Unlimited values are left out: they have no number.
  if (after.ssthresh != ByteCount::max()) {
    fields.add_if_new("ssthresh", std::pair(before.ssthresh, after.ssthresh), bytes);
  }
  if (!metrics.pacing_rate.is_infinite()) {
    fields.add_if_new("pacing_rate", std::pair(old.pacing_rate, metrics.pacing_rate),
                      [](Bandwidth rate) { return rate.bits_per_second(); });
  }
  if (!fields.text().empty()) write(known, "quic:recovery_metrics_updated", fields.text());
  known.metrics = metrics;
  known.has_metrics = true;
}

void QlogWriter::on(Known& known, const EcnTrace& ecn) {
  const bool has_old = ecn.before != EcnState::off;
  write(known, "quic:ecn_state_updated",
        (has_old ? fmt::format(R"("old":"{}",)", to_string(ecn.before)) : std::string()) +
            fmt::format(R"("new":"{}")", to_string(ecn.now)));
}

void QlogWriter::on(Known& known, const DatagramSizeTrace& size) {
  write(known, "quic:mtu_updated",
        fmt::format(R"("old":{},"new":{})", size.before.value(), size.now.value()));
}

void QlogWriter::on(Known& known, const StateTrace& state) {
  Fields fields;
  const auto quoted = [](std::string_view text) { return fmt::format("\"{}\"", text); };
  if (!known.state.empty()) fields.add("old", quoted(state_name(known.state)));
  fields.add("new", quoted(state_name(state.state)));
  if (state.reason != CloseReason::none) fields.add("reason", quoted(to_string(state.reason)));
  known.state = state.state;
  write(known, "quic:connection_state_updated", fields.text());
}

}  // namespace hawser::seeing
