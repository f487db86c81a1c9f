#pragma once
/// `hawser sim swarm`: random scenarios by the thousand, each replayable by its seed.

#include <optional>
#include <string>
#include <vector>

#include "tools/hawser/command.h"
#include "tools/swarm/campaign.h"

namespace hawser::cli {

/// Seeds from `first` to `last`, both included.
struct SeedRange {
  std::uint64_t first = 1;
  std::uint64_t last = 1000;
};
/// "1-20000", or one seed.
std::optional<SeedRange> parse_seed_range(std::string_view text);

class SwarmCommand final : public Command {
 public:
  std::string_view name() const override { return "swarm"; }
  std::string_view description() const override {
    return "random scenarios on the simulator, every event checked";
  }
  std::string_view parent() const override { return "sim"; }
  void declare(CLI::App& app) override;
  ExitCode run() override;

 private:
  swarm::Campaign resolve() const;
  ExitCode replay(const swarm::Choice& choice) const;
  ExitCode sweep(const swarm::Campaign& campaign) const;
  std::string text_of(const swarm::CampaignReport& report, Duration wall) const;
  std::string json_of(const swarm::CampaignReport& report, Duration wall) const;
  std::string replay_command(const swarm::Choice& choice) const;

  SeedRange seeds_;
  std::optional<std::uint64_t> minutes_;
  std::optional<std::uint64_t> jobs_;
  std::optional<std::uint64_t> messages_;
  std::optional<std::uint64_t> connections_;
  std::optional<std::uint64_t> batch_;
  std::optional<std::uint64_t> controllers_;
  std::optional<Duration> until_;
  std::vector<std::string> without_;
  bool is_canary_ = false;
  bool prints_hashes_ = false;
  bool is_json_ = false;
};

}  // namespace hawser::cli
