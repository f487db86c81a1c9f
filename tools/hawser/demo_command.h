#pragma once
/// `hawser demo`: what the library does to a bad network, on real sockets, in half a minute.

#include "tools/hawser/command.h"
#include "tools/hawser/demo_run.h"
#include "tools/hawser/endpoint_options.h"
#include "tools/hawser/path_options.h"

namespace hawser::cli {

class DemoCommand final : public Command {
 public:
  DemoCommand();
  std::string_view name() const override { return "demo"; }
  std::string_view description() const override {
    return "Sends messages through a bad network on real sockets, and raw UDP beside them";
  }
  void declare(CLI::App& app) override;
  ExitCode run() override;

 private:
  PathOptions path_;
  EndpointOptions endpoint_;
  DemoPlan plan_;
  bool is_json_ = false;
};

}  // namespace hawser::cli
