#include "tools/swarm/campaign.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "hawser/assert.h"
#include "tools/hawser/workers.h"

namespace hawser::swarm {
namespace {

thread_local std::uint64_t current_seed = 0;

Verdict run_choice(const Choice& choice, const std::atomic<bool>& is_cancelled) {
  current_seed = choice.seed;
  const Verdict verdict = run(draw_scenario(choice), &is_cancelled);
  current_seed = 0;
  return verdict;
}

class Collector {
 public:
  explicit Collector(const Campaign& campaign) : campaign_(campaign) {
    if (campaign.keeps_hashes) report_.hashes.resize(count());
  }

  CampaignReport run(const std::function<bool(const CampaignProgress&)>& goes_on) && {
    const auto piece = [this](std::size_t number, const std::atomic<bool>& is_cancelled) {
      Choice choice = campaign_.choice;
      choice.seed = campaign_.first_seed + number;
      note(choice, run_choice(choice, is_cancelled));
    };
    cli::do_pieces(count(), campaign_.jobs, piece, [this, &goes_on](std::size_t) {
      const std::lock_guard lock(mutex_);
      was_cancelled_ = !goes_on({report_.scenarios, failures_.size()}) || was_cancelled_;
      return !was_cancelled_;
    });
    std::ranges::sort(failures_, {}, [](const Failure& each) { return each.choice.seed; });
    for (const Failure& failure : failures_) report_.failing_seeds.push_back(failure.choice.seed);
    shrink_first();
    return std::move(report_);
  }

 private:
  struct Failure {
    Choice choice;
    Findings::First violation;
  };

  std::size_t count() const { return campaign_.last_seed - campaign_.first_seed + 1; }

  void note(const Choice& choice, const Verdict& verdict) {
    if (verdict.was_cancelled) return;
    const std::lock_guard lock(mutex_);
    ++report_.scenarios;
    report_.datagrams += verdict.datagrams;
    report_.messages += verdict.accepted;
    report_.delivered += verdict.delivered;
    if (campaign_.keeps_hashes) {
      report_.hashes[choice.seed - campaign_.first_seed] = verdict.trace_hash;
    }
    if (verdict.violation) failures_.push_back({choice, *verdict.violation});
  }

  // After the campaign, so that it does not depend on the threads which ones are the first.
  void shrink_first() {
    const std::atomic<bool> never = false;
    const Trial trial = [&never](const Choice& choice) { return run_choice(choice, never); };
    for (const Failure& failure : failures_) {
      if (report_.failures.size() == kFailuresShrunk) return;
      report_.failures.push_back(was_cancelled_ ? Shrunk{failure.choice, failure.violation}
                                                : shrink(failure.choice, failure.violation, trial));
    }
  }

  const Campaign& campaign_;
  std::mutex mutex_;  // guards all below while threads run
  bool was_cancelled_ = false;
  std::vector<Failure> failures_;
  CampaignReport report_;
};

}  // namespace

CampaignReport run_campaign(const Campaign& campaign,
                            const std::function<bool(const CampaignProgress&)>& goes_on) {
  HAWSER_ASSERT(campaign.last_seed >= campaign.first_seed && campaign.jobs > 0);
  return Collector(campaign).run(goes_on);
}

std::uint64_t seed_under_way() { return current_seed; }

}  // namespace hawser::swarm
