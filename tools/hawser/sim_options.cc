#include "tools/hawser/sim_options.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "tools/hawser/option_names.h"
#include "tools/hawser/typed_options.h"

namespace hawser::cli {
namespace {

constexpr char kRunGroup[] = "Run";
constexpr char kConnectionGroup[] = "Connection";
constexpr char kLimitForm[] = "a size, from a time on if one stands before it: 1252 or 2s:1252";

std::optional<std::uint64_t> parse_batch(std::string_view text) { return parse_count(text, 64); }
constexpr ValueKind<std::uint64_t> kBatch{parse_batch, "a number of datagrams from 1 to 64", "N"};

std::optional<std::uint64_t> parse_hop_count(std::string_view text) {
  return parse_count(text, kHopsMax);
}
constexpr ValueKind<std::uint64_t> kHops{parse_hop_count, "a whole number from 1 to 16", "N"};

DatagramLimit parse_limit(const std::string& text) {
  const std::size_t colon = text.find(':');
  const bool has_time = colon != std::string::npos;
  const auto at = has_time ? parse_duration(std::string_view(text).substr(0, colon))
                           : std::optional(Duration::zero());
  const auto size = parse_size(std::string_view(text).substr(has_time ? colon + 1 : 0));
  if (!at || !size) throw CLI::ValidationError("--datagram-limit", refusal(text, kLimitForm));
  return {*at, *size};
}

}  // namespace

void SimOptions::add_to(CLI::App& app) {
  app.add_option("--flow", flows_, "a flow as KEY=VALUE,...; repeats; keys below")
      ->type_name("FLOW")
      ->allow_extra_args(false)
      ->group(kRunGroup);
  app.add_option("--cross", cross_,
                 "cross traffic as rate=R[,size=,on=,off=,start=,stop=,from=,hops=]; repeats")
      ->type_name("CROSS")
      ->allow_extra_args(false)
      ->group(kRunGroup);
  add_value(app, {"--hops", "that many bottlenecks in a row, each as the path says (1)"}, kHops,
            hops_)
      ->group(kRunGroup);
  add_value(app, {"--duration", "virtual length of the run; else until all flows are done"},
            kDuration, duration_)
      ->group(kRunGroup);
  add_value(app, {"--warmup", "left out of the averages (0)"}, kDuration, warmup_)
      ->group(kRunGroup);
  add_value(app, {"--seed", "of all that is left to chance (1)"}, kNumber, seed_)->group(kRunGroup);
  add_value(app, {"--batch", "capacity of the transmit buffer; changes nothing else (64)"}, kBatch,
            batch_)
      ->group(kRunGroup);
  add_value(app, {"--receive-batch", "joins what arrives at one instant (1)"}, kBatch,
            receive_batch_)
      ->group(kRunGroup);
  endpoint_.add_to(app);
  add_value(app,
            {"--datagram-size",
             "datagrams of the connections, UDP payload; never larger (search from 1200 to 1472)"},
            kSize, datagram_size_)
      ->group(kConnectionGroup);
  add_value(app, {"--datagram-size-max", "search for larger ones up to this"}, kSize,
            datagram_size_max_)
      ->group(kConnectionGroup);
  const auto take_limits = [this](const std::vector<std::string>& values) {
    for (const std::string& value : values) datagram_limits_.push_back(parse_limit(value));
  };
  app.add_option_function<std::vector<std::string>>(
         "--datagram-limit", take_limits,
         "from time T (0) on, sending more than SIZE fails (EMSGSIZE); repeats")
      ->type_name("[T:]SIZE")
      ->allow_extra_args(false)
      ->group(kConnectionGroup);
  hosts_.add_to(app);
  path_.add_to(app);
}

SimulationSpec SimOptions::resolve() const {
  SimulationSpec spec;
  spec.path = path_.resolve();
  spec.hops = static_cast<std::size_t>(hops_);
  for (const std::string& text : flows_) {
    const std::vector<FlowSpec> copies = copies_of(parse_flow(text));
    spec.flows.insert(spec.flows.end(), copies.begin(), copies.end());
  }
  for (const std::string& text : cross_) spec.cross.push_back(parse_cross(text));
  spec.client_faults = hosts_.client();
  spec.server_faults = hosts_.server();
  endpoint_.apply_to(spec.connection);
  if (datagram_size_) {
    spec.connection.datagram_size = *datagram_size_;
    spec.connection.congestion_config.datagram_size = *datagram_size_;
    spec.connection.datagram_size_max = *datagram_size_;
  }
  if (datagram_size_max_) spec.connection.datagram_size_max = *datagram_size_max_;
  spec.datagram_limits = datagram_limits_;
  spec.duration = duration_;
  spec.warmup = warmup_;
  spec.batch = static_cast<std::size_t>(batch_);
  spec.receive_batch = static_cast<std::size_t>(receive_batch_);
  spec.seed = seed_;
  if (const auto complaint = complaint_about(spec)) throw CLI::ValidationError(*complaint);
  return spec;
}

SimulationSpec parse_simulation(std::vector<std::string> words) {
  SimOptions options;
  CLI::App app;
  app.set_help_flag();  // none: here it asks for nothing
  options.add_to(app);
  std::ranges::reverse(words);  // as the parser wants it
  try {
    app.parse(words);
  } catch (const CLI::ExtrasError&) {
    const std::string word = app.remaining().front();
    throw CLI::ValidationError(
        fmt::format("unknown {} '{}'", word.starts_with('-') ? "option" : "word", word));
  } catch (const CLI::ArgumentMismatch&) {
    const auto complaint = complaint_about_repetition(app);
    if (!complaint) throw;
    throw CLI::ValidationError(*complaint + "; a plan's options and its grid count together");
  }
  return options.resolve();
}

SimulationSpec parse_simulation(std::string_view arguments) {
  std::istringstream stream{std::string(arguments)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return parse_simulation(std::move(words));
}

}  // namespace hawser::cli
