#include "tools/seeing/run_view.h"

#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace hawser::seeing {
namespace {

std::string complaint(const char* option, const std::filesystem::path& path,
                      std::error_code error) {
  return fmt::format("{} {}: cannot be written: {}", option, path.string(), error.message());
}

}  // namespace

RunView::RunView(const ViewPaths& paths, TimePoint start)
    : start_(start), qlog_folder_(paths.qlog), recorder_(start) {
  if (paths.report) report_ = std::make_unique<OutputFile>(*paths.report);
  if (paths.pcap) pcap_ = std::make_unique<PcapWriter>(*paths.pcap);
  if (!paths.qlog) return;
  std::error_code error;
  std::filesystem::create_directories(*paths.qlog, error);
  // Its files are made with their hosts, when it is too late to refuse.
  if (!error) error = OutputFile(*paths.qlog / "probe").error();
  if (error) folder_error_ = complaint("--qlog", *paths.qlog, error);
}

std::vector<RunView::NamedFile> RunView::files() {
  std::vector<NamedFile> files;
  if (report_) files.push_back({"--report", report_.get()});
  if (pcap_) files.push_back({"--pcap", &pcap_->file()});
  for (QlogWriter& qlog : qlogs_) files.push_back({"--qlog", &qlog.file()});
  return files;
}

std::optional<std::string> RunView::error() {
  if (folder_error_) return folder_error_;
  for (const auto& [option, file] : files()) {
    if (file->error()) return complaint(option, file->path(), file->error());
  }
  return std::nullopt;
}

TraceSink* RunView::watch(const WatchedHost& host) {
  if (!report_ && !qlog_folder_) return nullptr;
  TraceTee& tee = tees_.emplace_back();
  if (report_ && host.is_sender) tee.add(recorder_.add_sender(host.title));
  if (qlog_folder_) {
    const char* side = host.is_client ? "client" : "server";
    const auto path = *qlog_folder_ / fmt::format("{}-{}.sqlog", host.connection, side);
    tee.add(&qlogs_.emplace_back(path, QlogName{host.title, host.is_client}, start_));
  }
  return &tee;
}

void RunView::watch(netsim::Network& network) {
  if (!report_) return;
  network_ = &network;
  for (std::size_t i = 0; i < network.link_count(); ++i) {
    links_.push_back(recorder_.add_link(network.name(static_cast<netsim::LinkId>(i))));
  }
  network.set_observer(this);
}

void RunView::add_flow(std::string name) {
  flows_.push_back(report_ ? recorder_.add_flow(std::move(name)) : nullptr);
}

void RunView::on_transmit(TimePoint now, const netsim::Datagram& datagram) {
  if (pcap_) pcap_->write(now - start_, datagram);
}

void RunView::on_delivery(std::size_t flow, TimePoint now, ByteCount bytes, Duration latency) {
  if (flows_[flow] != nullptr) flows_[flow]->on_delivery(now - start_, bytes, latency);
}

void RunView::on_offered(const netsim::OfferedDatagram& offered) {
  if (offered.link >= links_.size() || links_[offered.link] == nullptr) return;
  const netsim::Link& link = network_->link(static_cast<netsim::LinkId>(offered.link));
  links_[offered.link]->on_offered(
      offered, {.rate = link.config().mean_rate(),
                .wait = link.queue_delay(recorder_.start() + offered.since_start),
                .has_trace = link.config().trace.has_value()});
  note_trace(offered.link, offered.since_start);
}

void RunView::on_dropped_later(Duration since_start, std::uint32_t link, std::uint64_t count) {
  if (link >= links_.size() || links_[link] == nullptr) return;
  links_[link]->on_dropped_later(since_start, count);
}

void RunView::note_trace(std::size_t link, Duration since_start) {
  const auto& trace = network_->link(static_cast<netsim::LinkId>(link)).config().trace;
  if (trace) {
    links_[link]->note_opportunities(since_start, *trace);
  } else {
    links_[link]->note_no_trace(since_start);
  }
}

std::optional<std::string> RunView::finish(const ReportText& text) {
  if (report_) report_->write(html_report(text, recorder_));
  for (const NamedFile& named : files()) named.file->commit();
  return error();
}

}  // namespace hawser::seeing
