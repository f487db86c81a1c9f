#pragma once
/// What a run has to say about each of its flows, as JSON and as text. The JSON keys are a contract
/// with scripts: never rename one.

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "hawser/error.h"
#include "hawser/message.h"
#include "hawser/stats.h"
#include "tools/hawser/delivery_check.h"
#include "tools/hawser/latency_stats.h"
#include "tools/hawser/traffic.h"
#include "tools/hawser/window_trace.h"

namespace hawser::cli {

struct FlowReport {
  std::string cc;
  TrafficMode mode = TrafficMode::bulk;
  Delivery delivery = Delivery::ordered;
  double goodput_mbps = 0;
  std::optional<Duration> completion;  ///< absent: it was not completed
  // Messages.
  std::uint64_t messages_sent = 0;
  std::uint64_t refused_sends = 0;  ///< they waited and went later
  DeliveryCounts deliveries;
  ReceiptCounts receipts;
  LatencyStats latency;                    ///< from the time when due to delivery
  std::optional<LatencyStats> round_trip;  ///< pingpong: from the time when due to the answer
  std::error_code send_error;              ///< why the sending ended early, if it did
  // The connection, on the side that sends.
  ConnectionStats stats;
  double cwnd_mean_packets = 0;
  double cwnd_min_packets = 0;
  double cwnd_max_packets = 0;
  std::optional<Duration> handshake;
  const char* state = "connecting";
  bool is_reader_stopped = false;  ///< what arrived last was not taken
  bool is_receiver_dead = false;   ///< its process crashed with what it had not handed up
  CloseReason close_reason = CloseReason::none;
  bool has_crashed = false;  ///< the process that could tell the reason did

  /// Fills in the windows, in packets of the path's datagram size; after `stats`.
  void set_windows(const WindowTrace& trace, TimePoint now);
  /// Reliable messages whose receipts say that they were delivered, although they were not and will
  /// not be any more.
  std::uint64_t messages_lost() const;
  /// What went wrong that must never go wrong, as one line; nothing if all promises were kept.
  std::optional<std::string> broken_promise() const;
  /// The connection does not stand yet, or died for want of answers.
  bool timed_out() const;
  /// The connection ended otherwise than by an orderly close.
  bool broke_off() const { return has_crashed || close_reason != CloseReason::none; }
  /// The close reason's name, or "crashed".
  const char* ending() const { return has_crashed ? "crashed" : to_string(close_reason); }
};

nlohmann::ordered_json to_json(const LatencyStats& latency);
nlohmann::ordered_json to_json(const FlowReport& flow);

/// One paragraph about a flow for people, ending in a newline. `title` names it.
std::string to_text(const FlowReport& flow, const std::string& title);

/// Milliseconds, exact to the nanosecond.
double to_ms(Duration duration);
/// Megabits per second; 0 if the time is not positive.
double to_mbps(ByteCount bytes, Duration time);
/// Jain's index of fairness over the flows' goodputs; 1 if nothing was sent.
double jain_index(const std::vector<FlowReport>& flows);

}  // namespace hawser::cli
