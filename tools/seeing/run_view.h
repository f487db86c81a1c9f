#pragma once
/// Everything that looks at one simulated run, fed by whoever runs it: `hawser sim`, or a test.
///
///     RunView view(paths, network start);        the files are made: see `error()`
///     config.endpoint.trace = view.watch(...)    for each host
///     view.watch(network)                        once all links are there
///     view.on_transmit, view.on_delivery         as it happens
///     view.finish(text)                          the files get their names

#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hawser/netsim/network.h"
#include "tools/seeing/html_report.h"
#include "tools/seeing/pcap_writer.h"
#include "tools/seeing/qlog_writer.h"
#include "tools/seeing/run_recorder.h"
#include "tools/seeing/trace_tee.h"

namespace hawser::seeing {

/// What is wanted, and where.
struct ViewPaths {
  std::optional<std::filesystem::path> report;  ///< an HTML file
  std::optional<std::filesystem::path> qlog;    ///< a folder, made if it is missing
  std::optional<std::filesystem::path> pcap;
  bool is_any() const { return report || qlog || pcap; }
};

/// One host as the views call it.
struct WatchedHost {
  std::string connection;  ///< with the side it names the qlog file: letters, digits, '-'
  std::string title;       ///< for people
  bool is_client = true;
  bool is_sender = true;  ///< its sending is worth charts
};

/// Must outlive the run. Not thread-safe.
class RunView final : public netsim::LinkObserver {
 public:
  /// `start` is time 0 of all views.
  RunView(const ViewPaths& paths, TimePoint start);

  /// The first thing that could not be written, as one line: the option (which is called as the
  /// member of `ViewPaths`), the file, why; nothing if all went well so far.
  std::optional<std::string> error();

  /// The sink for that host's endpoint; nullptr if nothing is to be traced.
  TraceSink* watch(const WatchedHost& host);
  /// Shows the offers to all links, of which those that are there already get charts.
  void watch(netsim::Network& network);
  /// A flow that `on_delivery` can name by the order of these calls.
  void add_flow(std::string name);

  /// A host sends; as its transmit observer sees it.
  void on_transmit(TimePoint now, const netsim::Datagram& datagram);
  /// A message of a flow arrived; `latency` from the time when it was due.
  void on_delivery(std::size_t flow, TimePoint now, ByteCount bytes, Duration latency);
  void on_offered(const netsim::OfferedDatagram& offered) override;
  void on_dropped_later(Duration since_start, std::uint32_t link, std::uint64_t count) override;

  /// Writes what is left. Returns `error()`; a file that failed is gone.
  std::optional<std::string> finish(const ReportText& text);

 private:
  struct NamedFile {
    const char* option;
    OutputFile* file;
  };
  std::vector<NamedFile> files();
  void note_trace(std::size_t link, Duration since_start);

  TimePoint start_;
  std::optional<std::filesystem::path> qlog_folder_;
  std::optional<std::string> folder_error_;
  std::unique_ptr<OutputFile> report_;
  std::unique_ptr<PcapWriter> pcap_;
  std::deque<QlogWriter> qlogs_;
  std::deque<TraceTee> tees_;
  RunRecorder recorder_;
  std::vector<FlowRecord*> flows_;
  std::vector<LinkRecord*> links_;
  netsim::Network* network_ = nullptr;
};

}  // namespace hawser::seeing
