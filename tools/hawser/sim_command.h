#pragma once
/// `hawser sim`: flows over a simulated path, in virtual time.

#include <nlohmann/json_fwd.hpp>

#include "tools/hawser/command.h"
#include "tools/hawser/plan_mode.h"
#include "tools/hawser/sim_options.h"
#include "tools/hawser/view_options.h"

namespace hawser::cli {

class SimCommand final : public Command {
 public:
  std::string_view name() const override { return "sim"; }
  std::string_view description() const override {
    return "Runs flows over a simulated path, in virtual time";
  }
  void declare(CLI::App& app) override;
  ExitCode run() override;

 private:
  SimOptions options_;
  ViewOptions view_options_;
  PlanMode plan_mode_;
  bool is_json_ = false;
};

/// `wall`: how long it really took, the one value that differs from run to run.
nlohmann::ordered_json to_json(const SimulationReport& report, Duration wall);

}  // namespace hawser::cli
