#include "tools/seeing/html_report.h"

#include <algorithm>
#include <string_view>

#include <nlohmann/json.hpp>

#include "tools/seeing/page.h"
#include "tools/seeing/page_data.h"

namespace hawser::seeing {
namespace {

using Json = nlohmann::ordered_json;

// Numbers of 18 bits as three characters: a third of what decimal digits would take.
constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::int64_t kCodeMax = (1 << 18) - 1;
constexpr char kEmpty = '~';

void put_code(std::string& out, std::int64_t code) {
  for (const int shift : {12, 6, 0})
    out.push_back(kDigits[static_cast<std::size_t>(code >> shift) & 63]);
}

// What the page shows of each bucket.
enum class Show { extent, total, marks };

// Values as fractions of the range from the least to the greatest of the series.
class Scale {
 public:
  using Wide = TimeSeries::Wide;
  void include(Wide value) {
    low_ = is_empty_ ? value : std::min(low_, value);
    high_ = is_empty_ ? value : std::max(high_, value);
    is_empty_ = false;
  }
  std::int64_t code(Wide value) const {
    if (high_ == low_) return 0;
    return static_cast<std::int64_t>(((value - low_) * kCodeMax + (high_ - low_) / 2) /
                                     (high_ - low_));
  }
  std::int64_t low() const { return static_cast<std::int64_t>(low_); }
  std::int64_t high() const { return static_cast<std::int64_t>(high_); }

 private:
  Wide low_ = 0;
  Wide high_ = 0;
  bool is_empty_ = true;
};

Json to_json(const TimeSeries& series, Show show) {
  Scale scale;
  if (show == Show::total) scale.include(0);
  for (const TimeSeries::Bucket& bucket : series.buckets()) {
    if (bucket.count == 0) continue;
    scale.include(show == Show::total ? bucket.sum : bucket.least);
    if (show != Show::total) scale.include(bucket.greatest);
  }
  std::string data;
  for (const TimeSeries::Bucket& bucket : series.buckets()) {
    if (bucket.count == 0) {
      data.push_back(kEmpty);
      continue;
    }
    if (show == Show::total) {
      put_code(data, scale.code(bucket.sum));
      continue;
    }
    put_code(data, scale.code(bucket.least));
    put_code(data, scale.code(bucket.greatest));
    put_code(data,
             show == Show::marks ? std::min(bucket.count, kCodeMax) : scale.code(bucket.mean()));
  }
  return {{"bucket_ns", series.bucket_length().count()},
          {"low", scale.low()},
          {"high", scale.high()},
          {"data", data}};
}

Json to_json(const DurationHistogram& histogram) {
  Json classes = Json::array();
  for (std::size_t i = 0; i < DurationHistogram::kClasses; ++i) {
    if (histogram.classes()[i] == 0) continue;
    classes.push_back({DurationHistogram::lowest_of(i).count(),
                       DurationHistogram::lowest_of(i + 1).count(), histogram.classes()[i]});
  }
  return classes;
}

Json to_json(const SenderRecord& sender) {
  return {{"name", sender.name},
          {"window", to_json(sender.window, Show::extent)},
          {"in_flight", to_json(sender.in_flight, Show::extent)},
          {"smoothed_rtt", to_json(sender.smoothed_rtt, Show::extent)},
          {"latest_rtt", to_json(sender.latest_rtt, Show::extent)},
          {"pacing_rate", to_json(sender.pacing_rate, Show::extent)},
          {"sent_bytes", to_json(sender.sent_bytes, Show::total)},
          {"sent", to_json(sender.sent, Show::marks)},
          {"retransmitted", to_json(sender.retransmitted, Show::marks)},
          {"lost", to_json(sender.lost, Show::marks)},
          {"disproved", to_json(sender.disproved, Show::marks)},
          {"losses_declared", to_json(sender.losses_declared, Show::marks)}};
}

Json to_json(const FlowRecord& flow) {
  return {{"name", flow.name},
          {"delivered_bytes", to_json(flow.delivered_bytes, Show::total)},
          {"latency", to_json(flow.latency, Show::extent)},
          {"latencies", to_json(flow.latencies)}};
}

Json to_json(const LinkRecord& link) {
  return {{"name", link.name},
          {"capacity", to_json(link.capacity, Show::extent)},
          {"carried_bytes", to_json(link.carried_bytes, Show::total)},
          {"wait", to_json(link.wait, Show::extent)},
          {"dropped_by_queue", to_json(link.dropped_by_queue, Show::marks)},
          {"lost", to_json(link.lost, Show::marks)}};
}

Json to_json(const ReportText& text) {
  Json json = {
      {"title", text.title},      {"command", text.command}, {"facts", Json::array()},
      {"tables", Json::array()},  {"notes", text.notes},     {"duration_ns", text.duration.count()},
      {"senders", Json::array()}, {"flows", Json::array()},  {"links", Json::array()}};
  for (const auto& [name, value] : text.facts) json["facts"].push_back(Json::array({name, value}));
  for (const ReportTable& table : text.tables) {
    json["tables"].push_back(
        {{"caption", table.caption}, {"columns", table.columns}, {"rows", table.rows}});
  }
  return json;
}

}  // namespace

std::string html_report(const ReportText& text, RunRecorder& recorder) {
  const std::string_view page = kPage;
  constexpr int kCoarserMax = 12;  // 2048 buckets are one by then
  std::string data;
  for (int coarser = 0; coarser < kCoarserMax; ++coarser) {
    Json json = to_json(text);
    for (const SenderRecord& sender : recorder.senders())
      json["senders"].push_back(to_json(sender));
    for (const FlowRecord& flow : recorder.flows()) json["flows"].push_back(to_json(flow));
    for (const LinkRecord& link : recorder.links()) json["links"].push_back(to_json(link));
    data = embedded_json(json);
    if (page.size() + data.size() <= kReportSizeMax) break;
    recorder.for_each_series([](TimeSeries& series) { series.coarsen(); });
  }
  return page_with_data(page, data);
}

}  // namespace hawser::seeing
