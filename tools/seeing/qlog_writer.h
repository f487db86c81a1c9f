#pragma once
/// Writes what one endpoint traces as qlog in JSON text sequences (RFC 7464): one event a line, as
/// it happens.
///
/// Event names and fields are those of draft-ietf-quic-qlog-quic-events-12 where they fit; what
/// that has no name for is in the namespace "hawser". Times are milliseconds since the start of the
/// run, written out exactly to the nanosecond, so the same run gives the same bytes everywhere.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "hawser/trace.h"
#include "tools/seeing/output_file.h"

namespace hawser::seeing {

/// Which trace it is.
struct QlogName {
  std::string title;  ///< of the connection or host
  bool is_client = true;
};

/// Not thread-safe.
class QlogWriter final : public TraceSink {
 public:
  /// Times count from `start`.
  QlogWriter(std::filesystem::path path, const QlogName& name, TimePoint start);
  void on_event(TimePoint now, ConnectionHandle connection, const TraceEvent& event) override;
  OutputFile& file() { return file_; }

 private:
  // What was written last of a connection, as only changes are worth a line. Forgotten when it is
  // closed, so there are never more than the endpoint has.
  struct Known {
    unsigned group = 0;
    std::string_view state;
    MetricsTrace metrics;
    bool has_metrics = false;
  };

  void on(Known& known, const PacketSentTrace& packet);
  void on(Known& known, const PacketReceivedTrace& packet);
  void on(Known& known, const PacketDroppedTrace& packet);
  void on(Known& known, const PacketLostTrace& packet);
  void on(Known& known, const SpuriousLossTrace& packet);
  void on(Known& known, const MetricsTrace& metrics);
  void on(Known& known, const EcnTrace& ecn);
  void on(Known& known, const DatagramSizeTrace& size);
  void on(Known& known, const StateTrace& state);
  void write(const Known& known, std::string_view name, std::string_view data);

  OutputFile file_;
  TimePoint start_;
  Duration now_{0};
  unsigned groups_ = 0;
  std::map<ConnectionHandle, Known> known_;
};

}  // namespace hawser::seeing
