#pragma once
/// What a report shows of a run, collected as it goes, in memory that does not grow with it.

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "hawser/netsim/link.h"
#include "hawser/netsim/rate_trace.h"
#include "hawser/trace.h"
#include "tools/seeing/event_series.h"
#include "tools/seeing/time_series.h"

namespace hawser::seeing {

/// Counts durations in classes whose bounds are 1/16 of a power of two apart: at most 6 % wide.
class DurationHistogram {
 public:
  static constexpr std::size_t kClasses = 64 * 16;
  /// Not negative.
  void add(Duration value);
  std::uint64_t count() const { return count_; }
  const std::array<std::uint64_t, kClasses>& classes() const { return classes_; }
  /// The least duration of a class.
  static Duration lowest_of(std::size_t index);

 private:
  std::array<std::uint64_t, kClasses> classes_{};
  std::uint64_t count_ = 0;
};

/// When packets left, exactly, of the latest so many.
class SendTimes {
 public:
  static constexpr std::size_t kKept = std::size_t{1} << 16;
  /// `number` is not negative.
  void note(std::int64_t number, Duration at);
  std::optional<Duration> of(std::int64_t number) const;

 private:
  struct Entry {
    std::int64_t number = -1;
    Duration at{0};
  };
  std::vector<Entry> entries_;  // by the lower bits of their numbers
};

/// What one end of one connection did as a sender. If its endpoint has several connections, the
/// first one that speaks, and when that is closed the next.
class SenderRecord final : public TraceSink {
 public:
  SenderRecord(std::string title, TimePoint start) : name(std::move(title)), start_(start) {}
  void on_event(TimePoint now, ConnectionHandle connection, const TraceEvent& event) override;
  template <typename Visit>
  void for_each_series(Visit visit) {
    for (TimeSeries* series :
         {&window, &in_flight, &smoothed_rtt, &latest_rtt, &pacing_rate, &sent_bytes, &sent}) {
      visit(*series);
    }
    for_each_event_series([&visit](TimeSeries& series) { visit(series); });
  }
  template <typename Visit>
  void for_each_event_series(Visit visit) {
    for (EventSeries* series : {&retransmitted, &lost, &disproved, &losses_declared})
      visit(*series);
  }

  const std::string name;
  TimeSeries window;            ///< bytes
  TimeSeries in_flight;         ///< bytes
  TimeSeries smoothed_rtt;      ///< nanoseconds
  TimeSeries latest_rtt;        ///< nanoseconds
  TimeSeries pacing_rate;       ///< bits per second, while there is one
  TimeSeries sent_bytes;        ///< UDP payload
  TimeSeries sent;              ///< packet numbers
  EventSeries retransmitted;    ///< numbers of packets that carry message bytes again
  EventSeries lost;             ///< numbers, when they were sent
  EventSeries disproved;        ///< of them those that arrived after all, when they were sent
  EventSeries losses_declared;  ///< numbers, when they were declared lost

 private:
  void on(Duration at, const PacketSentTrace& packet);
  void on(Duration at, const PacketReceivedTrace&);
  void on(Duration at, const PacketDroppedTrace&);
  void on(Duration at, const PacketLostTrace& packet);
  void on(Duration at, const SpuriousLossTrace& packet);
  void on(Duration at, const MetricsTrace& metrics);
  void on(Duration at, const EcnTrace&);
  void on(Duration at, const DatagramSizeTrace&);
  void on(Duration at, const StateTrace& state);
  Duration send_time(Duration at, std::int64_t number) const;

  TimePoint start_;
  SendTimes send_times_;
  ConnectionHandle connection_ = ConnectionHandle::none;
  ByteCount in_flight_now_{0};
};

/// What arrived of one flow.
struct FlowRecord {
  explicit FlowRecord(std::string flow_name) : name(std::move(flow_name)) {}
  /// `latency` from the time when the message was due. From then on its bytes count, but not from
  /// before the last delivery nor for more than `kSpreadMax`: a large one does not come all at
  /// once.
  static constexpr Duration kSpreadMax = std::chrono::seconds(1);
  void on_delivery(Duration since_start, ByteCount bytes, Duration latency);
  template <typename Visit>
  void for_each_series(Visit visit) {
    for (TimeSeries* series : {&delivered_bytes, &latency}) visit(*series);
  }

  const std::string name;
  TimeSeries delivered_bytes;
  TimeSeries latency;  ///< nanoseconds
  DurationHistogram latencies;

 private:
  Duration last_delivery_{0};
};

/// What was offered to one link.
class LinkRecord {
 public:
  explicit LinkRecord(std::string link_name) : name(std::move(link_name)) {}
  /// The link's rate and queue as the datagram met them.
  struct Queue {
    Bandwidth rate = Bandwidth::infinite();
    Duration wait{0};
    bool has_trace = false;  ///< which `note_opportunities` tells more of
  };
  void on_offered(const netsim::OfferedDatagram& offered, const Queue& queue);
  void on_dropped_later(Duration since_start, std::uint64_t count);
  /// What a trace offered until `now`, since it was asked last.
  void note_opportunities(Duration now, const netsim::RateTrace& trace);
  /// No trace was in force until `now`.
  void note_no_trace(Duration now) { opportunities_until_ = now; }
  template <typename Visit>
  void for_each_series(Visit visit) {
    for (TimeSeries* series : {&capacity, &opportunity_bytes, &carried_bytes, &wait})
      visit(*series);
    for_each_event_series([&visit](TimeSeries& series) { visit(series); });
  }
  template <typename Visit>
  void for_each_event_series(Visit visit) {
    for (EventSeries* series : {&dropped_by_queue, &lost}) visit(*series);
  }

  const std::string name;
  TimeSeries capacity;           ///< bits per second, if it has a rate
  TimeSeries opportunity_bytes;  ///< that its trace could have carried, if it has one
  TimeSeries carried_bytes;      ///< of what passed, with the headers of IP and UDP
  TimeSeries wait;               ///< nanoseconds that each datagram waits for its serialisation
  EventSeries dropped_by_queue;  ///< 1 each, by its limit or its discipline, at once or later
  EventSeries lost;              ///< 1 each: by chance, blackouts, the MTU, the policer

 private:
  Duration opportunities_until_{0};
};

/// All of these, up to a number that a picture can show; the rest is counted. Not thread-safe.
class RunRecorder {
 public:
  static constexpr std::size_t kSendersMax = 8;
  static constexpr std::size_t kFlowsMax = 8;
  static constexpr std::size_t kLinksMax = 4;

  /// `start` is time 0 of all records.
  explicit RunRecorder(TimePoint start) : start_(start) {}

  /// nullptr where there are as many already. What is returned lives as long as the recorder.
  SenderRecord* add_sender(std::string name);
  FlowRecord* add_flow(std::string name);
  LinkRecord* add_link(std::string name);

  TimePoint start() const { return start_; }
  const std::deque<SenderRecord>& senders() const { return senders_; }
  const std::deque<FlowRecord>& flows() const { return flows_; }
  const std::deque<LinkRecord>& links() const { return links_; }
  template <typename Visit>
  void for_each_series(Visit visit) {
    for (SenderRecord& sender : senders_) sender.for_each_series(visit);
    for (FlowRecord& flow : flows_) flow.for_each_series(visit);
    for (LinkRecord& link : links_) link.for_each_series(visit);
  }
  template <typename Visit>
  void for_each_event_series(Visit visit) {
    for (SenderRecord& sender : senders_) sender.for_each_event_series(visit);
    for (LinkRecord& link : links_) link.for_each_event_series(visit);
  }

 private:
  TimePoint start_;
  std::deque<SenderRecord> senders_;
  std::deque<FlowRecord> flows_;
  std::deque<LinkRecord> links_;
};

}  // namespace hawser::seeing
