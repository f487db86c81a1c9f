#include "tools/hawser/flow_report.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "hawser/netsim/datagram.h"

namespace hawser::cli {

using Json = nlohmann::ordered_json;

double to_ms(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

double to_mbps(ByteCount bytes, Duration time) {
  if (time <= Duration::zero()) return 0;
  return static_cast<double>(bytes.value()) * 8e3 / static_cast<double>(time.count());
}

double jain_index(const std::vector<FlowReport>& flows) {
  double sum = 0;
  double squares = 0;
  for (const FlowReport& flow : flows) {
    sum += flow.goodput_mbps;
    squares += flow.goodput_mbps * flow.goodput_mbps;
  }
  return squares > 0 ? sum * sum / (squares * static_cast<double>(flows.size())) : 1.0;
}

void FlowReport::set_windows(const WindowTrace& trace, TimePoint now) {
  const auto packet = static_cast<double>(std::max(stats.datagram_size, ByteCount(1)).value());
  cwnd_mean_packets = static_cast<double>(trace.mean(now).value()) / packet;
  cwnd_min_packets = static_cast<double>(trace.min().value()) / packet;
  cwnd_max_packets = static_cast<double>(trace.max().value()) / packet;
}

std::uint64_t FlowReport::messages_lost() const {
  // While the connection stands, a receiver may hold back what its sender has a receipt for.
  const bool may_come = is_reader_stopped || std::string_view(state) != "closed";
  if (delivery == Delivery::unreliable || may_come || is_receiver_dead) return 0;
  // When it breaks off, ordered messages may lie with the peer's transport behind one that never
  // came: a receipt says no more than that.
  if (delivery == Delivery::ordered && broke_off()) return 0;
  return receipts.delivered - std::min(receipts.delivered, deliveries.delivered);
}

bool FlowReport::timed_out() const {
  return close_reason == CloseReason::handshake_timeout ||
         close_reason == CloseReason::idle_timeout || std::string_view(state) == "connecting";
}

std::optional<std::string> FlowReport::broken_promise() const {
  const DeliveryCounts& found = deliveries;
  if (found.corrupt + found.duplicates + found.out_of_order > 0) {
    return fmt::format("{} messages corrupt, {} duplicated, {} out of order", found.corrupt,
                       found.duplicates, found.out_of_order);
  }
  if (receipts.repeated > 0) return fmt::format("{} messages had two receipts", receipts.repeated);
  if (messages_lost() > 0) return fmt::format("{} reliable messages lost", messages_lost());
  return std::nullopt;
}

Json to_json(const LatencyStats& latency) {
  return {{"n", latency.count()},
          {"min", to_ms(latency.min())},
          {"mean", to_ms(latency.mean())},
          {"p50", to_ms(latency.percentile(500))},
          {"p90", to_ms(latency.percentile(900))},
          {"p99", to_ms(latency.percentile(990))},
          {"p99.5", to_ms(latency.percentile(995))},
          {"p99.9", to_ms(latency.percentile(999))},
          {"max", to_ms(latency.max())}};
}

namespace {

// Outcomes that later versions bring stand as 0, so that scripts find their keys.
Json receipts_json(const ReceiptCounts& receipts) {
  return {{"delivered", receipts.delivered},
          {"accepted", 0},
          {"expired_unsent", 0},
          {"expired_sent", 0},
          {"cancelled", 0},
          {"replaced", 0},
          {"refused", receipts.refused},
          {"lost", receipts.lost},
          {"connection_lost", receipts.connection_lost}};
}

ByteCount bytes_on_wire(const ConnectionStats& stats) {
  return stats.bytes_sent +
         netsim::kUdpIpOverhead * static_cast<std::int64_t>(stats.datagrams_sent);
}

}  // namespace

Json to_json(const FlowReport& flow) {
  const DeliveryCounts& found = flow.deliveries;
  Json json = {{"cc", flow.cc},
               {"mode", to_string(flow.mode)},
               {"goodput_mbps", flow.goodput_mbps},
               {"completion_s", flow.completion ? Json(to_ms(*flow.completion) / 1e3) : Json()},
               {"messages_sent", flow.messages_sent},
               {"messages_delivered", found.delivered},
               {"duplicates", found.duplicates},
               {"out_of_order", found.out_of_order},
               {"corrupt", found.corrupt},
               {"receipts", receipts_json(flow.receipts)},
               {"bytes_expired", 0},
               {"latency_ms", to_json(flow.latency)},
               {"age_ms", Json::object()},
               {"attribution_ms", Json::object()},
               {"packets_sent", flow.stats.packets_sent},
               {"packets_lost", flow.stats.packets_lost},
               {"spurious_losses", flow.stats.spurious_losses},
               {"probes", flow.stats.probes_sent},
               {"retransmitted_bytes", flow.stats.retransmitted_bytes.value()},
               {"bytes_on_wire", bytes_on_wire(flow.stats).value()},
               {"cwnd_mean_packets", flow.cwnd_mean_packets},
               {"cwnd_min_packets", flow.cwnd_min_packets},
               {"cwnd_max_packets", flow.cwnd_max_packets},
               {"srtt_ms", to_ms(flow.stats.rtt.smoothed)},
               {"handshake_ms", flow.handshake ? Json(to_ms(*flow.handshake)) : Json()},
               {"state", flow.state},
               {"close_reason", flow.ending()},
               // Beyond the contract.
               {"overtaken", found.overtaken},
               {"refused_sends", flow.refused_sends},
               {"datagram_size", flow.stats.datagram_size.value()},
               {"mtu_probes_sent", flow.stats.mtu_probes_sent},
               {"mtu_probes_lost", flow.stats.mtu_probes_lost},
               {"mtu_black_holes", flow.stats.mtu_black_holes},
               {"ecn_state", to_string(flow.stats.ecn_state)},
               {"ecn_ce_received", flow.stats.ecn_ce_received},
               {"ecn_ce_reported", flow.stats.ecn_ce_reported},
               {"ecn_reductions", flow.stats.ecn_reductions}};
  if (flow.round_trip) json["rtt_ms"] = to_json(*flow.round_trip);
  if (flow.send_error) json["send_error"] = flow.send_error.message();
  return json;
}

std::string to_text(const FlowReport& flow, const std::string& title) {
  const DeliveryCounts& found = flow.deliveries;
  std::string text = fmt::format("{}: {} {}, {}\n", title, to_string(flow.delivery),
                                 to_string(flow.mode), flow.cc);
  text += fmt::format(
      "  messages    {} sent, {} delivered, {} duplicated, {} out of order, {} corrupt\n",
      flow.messages_sent, found.delivered, found.duplicates, found.out_of_order, found.corrupt);
  text += fmt::format("  goodput     {:.3f} Mbit/s", flow.goodput_mbps);
  if (flow.completion)
    text += fmt::format(", complete after {:.3f} s", to_ms(*flow.completion) / 1e3);
  text += "\n";
  const auto add_latency = [&text](const char* name, const LatencyStats& latency) {
    if (latency.count() == 0) return;
    text += fmt::format(
        "  {:<11} min {:.3f}  p50 {:.3f}  p99 {:.3f}  p99.9 {:.3f}  max {:.3f} ms\n", name,
        to_ms(latency.min()), to_ms(latency.percentile(500)), to_ms(latency.percentile(990)),
        to_ms(latency.percentile(999)), to_ms(latency.max()));
  };
  add_latency("latency", flow.latency);
  if (flow.round_trip) add_latency("round trip", *flow.round_trip);
  text += fmt::format("  packets     {} sent, {} declared lost ({} wrongly), {} probes\n",
                      flow.stats.packets_sent, flow.stats.packets_lost, flow.stats.spurious_losses,
                      flow.stats.probes_sent);
  if (flow.stats.ecn_ce_reported > 0) {
    text += fmt::format("  ECN         {} marked, answered {} times\n", flow.stats.ecn_ce_reported,
                        flow.stats.ecn_reductions);
  }
  text +=
      fmt::format("  window      mean {:.1f}, max {:.1f} packets; smoothed RTT {:.3f} ms\n",
                  flow.cwnd_mean_packets, flow.cwnd_max_packets, to_ms(flow.stats.rtt.smoothed));
  text += fmt::format("  connection  {} ({})", flow.state, flow.ending());
  if (flow.handshake) text += fmt::format(", handshake {:.3f} ms", to_ms(*flow.handshake));
  return text + "\n";
}

}  // namespace hawser::cli
