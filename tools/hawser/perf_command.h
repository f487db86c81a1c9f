#pragma once
/// `hawser perf`: what the library does on real sockets, measured at both ends.

#include <string>

#include "tools/hawser/command.h"
#include "tools/hawser/endpoint_options.h"
#include "tools/hawser/perf_client.h"
#include "tools/hawser/perf_server.h"

namespace hawser::cli {

class PerfCommand final : public Command {
 public:
  std::string_view name() const override { return "perf"; }
  std::string_view description() const override {
    return "Measures throughput, latency and cost over real sockets";
  }
  void declare(CLI::App& app) override;
  ExitCode run() override;

 private:
  void declare_server(CLI::App& app);
  void declare_client(CLI::App& app);
  void add_common(CLI::App& app);
  ConnectionConfig connection_config() const;
  void refuse_idle_options() const;
  PerfOptions client_options() const;
  ExitCode run_server();
  ExitCode run_client();

  // Both.
  EndpointOptions server_endpoint_;
  EndpointOptions client_endpoint_;
  std::string cc_ = "cubic";
  UvDriver driver_ = UvDriver::automatic;
  std::optional<ByteCount> datagram_size_;
  bool is_json_ = false;
  // The server.
  CLI::App* server_ = nullptr;
  std::string bind_ = "0.0.0.0";
  std::uint64_t port_ = 0;
  bool is_once_ = false;
  // The client.
  std::string target_;
  PerfMode mode_ = PerfMode::bulk;
  std::optional<Delivery> channel_;
  std::optional<ByteCount> size_;
  std::optional<Duration> interval_;
  std::optional<std::uint64_t> count_;
  std::optional<Duration> time_;
  std::uint64_t connections_ = 1;
  bool is_busy_ = false;
};

}  // namespace hawser::cli
