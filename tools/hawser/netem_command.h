#pragma once
/// `hawser netem`: a UDP relay that does in real time what the simulator does in virtual time.

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "hawser/time.h"
#include "tools/hawser/command.h"
#include "tools/hawser/path_options.h"
#include "tools/hawser/relay_self_test.h"
#include "tools/hawser/udp_relay.h"

namespace hawser::cli {

class NetemCommand final : public Command {
 public:
  std::string_view name() const override { return "netem"; }
  std::string_view description() const override {
    return "Relays UDP in real time through a bad network of your choice";
  }
  void declare(CLI::App& app) override;
  ExitCode run() override;

 private:
  ExitCode run_relay();
  ExitCode run_self_test();
  void print(const UdpRelay& relay, const std::vector<SelfTestCheck>& checks) const;

  PathOptions path_;
  std::string listen_;
  std::string to_;
  std::uint64_t seed_ = 1;
  std::uint64_t clients_ = 1000;
  std::optional<Duration> stats_interval_;
  bool is_self_test_ = false;
  bool is_json_ = false;
};

}  // namespace hawser::cli
