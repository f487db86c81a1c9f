#pragma once
/// `hawser trace`: what a recorded rate holds.

#include <string>

#include "tools/hawser/command.h"

namespace hawser::cli {

class TraceCommand final : public Command {
 public:
  std::string_view name() const override { return "trace"; }
  std::string_view description() const override {
    return "Prints the figures of a recorded rate (mahimahi's format)";
  }
  void declare(CLI::App& app) override;
  ExitCode run() override;

 private:
  std::string file_;
  bool is_json_ = false;
};

}  // namespace hawser::cli
