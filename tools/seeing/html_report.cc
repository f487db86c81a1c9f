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
constexpr char kEmpty = '~';     // a bucket
constexpr char kEmptyRun = '=';  // many, whose number follows
constexpr char kOneValue = '!';  // a bucket whose values are all the one that follows
constexpr std::size_t kRunMin = 5;
constexpr std::int64_t kTimeMax = (1 << 24) - 1;

void put_digit(std::string& out, std::int64_t code, int shift) {
  out.push_back(kDigits[static_cast<std::size_t>(code >> shift) & 63]);
}
void put_code(std::string& out, std::int64_t code) {
  for (const int shift : {12, 6, 0}) put_digit(out, code, shift);
}
void put_time_code(std::string& out, std::int64_t code) {
  for (const int shift : {18, 12, 6, 0}) put_digit(out, code, shift);
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

// Buckets without samples that stand in a row.
class EmptyRun {
 public:
  explicit EmptyRun(std::string& out) : out_(&out) {}
  void add() { ++length_; }
  void end() {
    if (length_ < kRunMin) {
      out_->append(length_, kEmpty);
    } else {
      out_->push_back(kEmptyRun);
      put_code(*out_, static_cast<std::int64_t>(length_));
    }
    length_ = 0;
  }

 private:
  std::string* out_;
  std::size_t length_ = 0;
};

void put_bucket(std::string& out, const TimeSeries::Bucket& bucket, const Scale& scale, Show show) {
  if (show == Show::total) return put_code(out, scale.code(bucket.sum));
  const bool is_one_value =
      bucket.least == bucket.greatest && (show == Show::extent || bucket.count == 1);
  if (is_one_value) {
    out.push_back(kOneValue);
    return put_code(out, scale.code(bucket.least));
  }
  put_code(out, scale.code(bucket.least));
  put_code(out, scale.code(bucket.greatest));
  put_code(out, show == Show::marks ? std::min(bucket.count, kCodeMax) : scale.code(bucket.mean()));
}

Json to_json(const TimeSeries& series, Show show) {
  Scale scale;
  if (show == Show::total) scale.include(0);
  for (const TimeSeries::Bucket& bucket : series.buckets()) {
    if (bucket.count == 0) continue;
    scale.include(show == Show::total ? bucket.sum : bucket.least);
    if (show != Show::total) scale.include(bucket.greatest);
  }
  std::string data;
  EmptyRun run(data);
  for (const TimeSeries::Bucket& bucket : series.buckets()) {
    if (bucket.count == 0) {
      run.add();
      continue;
    }
    run.end();
    put_bucket(data, bucket, scale, show);
  }
  run.end();
  return {{"bucket_ns", series.bucket_length().count()},
          {"low", scale.low()},
          {"high", scale.high()},
          {"data", data}};
}

// The samples themselves where there are few: the time as a share of the last one's, the value.
Json to_json(const EventSeries& series) {
  if (!series.has_samples()) return to_json(series, Show::marks);
  const std::vector<EventSeries::Sample> samples = series.samples();
  Scale scale;
  for (const EventSeries::Sample& sample : samples) scale.include(sample.value);
  const Scale::Wide last = std::max(samples.back().since_start, Duration(1)).count();
  std::string data;
  for (const EventSeries::Sample& sample : samples) {
    const Scale::Wide time = sample.since_start.count();
    put_time_code(data, static_cast<std::int64_t>((time * kTimeMax + last / 2) / last));
    put_code(data, scale.code(sample.value));
  }
  return {{"last_ns", samples.back().since_start.count()},
          {"low", scale.low()},
          {"high", scale.high()},
          {"samples", data}};
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
          {"retransmitted", to_json(sender.retransmitted)},
          {"lost", to_json(sender.lost)},
          {"disproved", to_json(sender.disproved)},
          {"losses_declared", to_json(sender.losses_declared)}};
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
          {"opportunity_bytes", to_json(link.opportunity_bytes, Show::total)},
          {"carried_bytes", to_json(link.carried_bytes, Show::total)},
          {"wait", to_json(link.wait, Show::extent)},
          {"dropped_by_queue", to_json(link.dropped_by_queue)},
          {"lost", to_json(link.lost)}};
}

Json to_json(const ReportText& text) {
  Json json = {{"title", text.title},
               {"command", text.command},
               {"facts", Json::array()},
               {"tables", Json::array()},
               {"notes", text.notes},
               {"marks", Json::array()},
               {"duration_ns", text.duration.count()},
               {"senders", Json::array()},
               {"flows", Json::array()},
               {"links", Json::array()}};
  for (const RunMark& mark : text.marks)
    json["marks"].push_back({mark.at.count(), mark.until.count(), mark.what});
  for (const auto& [name, value] : text.facts) json["facts"].push_back(Json::array({name, value}));
  for (const ReportTable& table : text.tables) {
    json["tables"].push_back(
        {{"caption", table.caption}, {"columns", table.columns}, {"rows", table.rows}});
  }
  return json;
}

std::string data_of(const ReportText& text, const RunRecorder& recorder) {
  Json json = to_json(text);
  for (const SenderRecord& sender : recorder.senders()) json["senders"].push_back(to_json(sender));
  for (const FlowRecord& flow : recorder.flows()) json["flows"].push_back(to_json(flow));
  for (const LinkRecord& link : recorder.links()) json["links"].push_back(to_json(link));
  return embedded_json(json);
}

// Buckets are joined down to so many before events lose their own times.
constexpr std::size_t kBucketsKept = 1024;

// Joins buckets where there are most, or takes their own times from the most numerous events. False
// if nothing is left to lose.
bool lose_resolution(RunRecorder& recorder) {
  std::size_t most = 0;
  recorder.for_each_series([&](TimeSeries& series) { most = std::max(most, series.filled()); });
  EventSeries* longest = nullptr;
  recorder.for_each_event_series([&](EventSeries& series) {
    if (!series.has_samples()) return;
    if (longest == nullptr || series.sample_count() > longest->sample_count()) longest = &series;
  });
  if (most <= kBucketsKept && longest != nullptr) {
    longest->forget_samples();
    return true;
  }
  if (most <= 1) return false;
  recorder.for_each_series([most](TimeSeries& series) {
    if (series.filled() * 4 > most * 3) series.coarsen();
  });
  return true;
}

}  // namespace

std::string html_report(const ReportText& text, RunRecorder& recorder) {
  const std::string_view page = kPage;
  std::string data = data_of(text, recorder);
  while (page.size() + data.size() > kReportSizeMax && lose_resolution(recorder)) {
    data = data_of(text, recorder);
  }
  return page_with_data(page, data);
}

}  // namespace hawser::seeing
