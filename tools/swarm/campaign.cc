#include "tools/swarm/campaign.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "hawser/assert.h"

namespace hawser::swarm {
namespace {

thread_local std::uint64_t current_seed = 0;

Verdict run_choice(const Choice& choice, const std::atomic<bool>& is_cancelled) {
  current_seed = choice.seed;
  const Verdict verdict = run(draw_scenario(choice), &is_cancelled);
  current_seed = 0;
  return verdict;
}

class Workers {
 public:
  explicit Workers(const Campaign& campaign)
      : campaign_(campaign), next_seed_(campaign.first_seed), busy_(campaign.jobs) {
    if (campaign.keeps_hashes) report_.hashes.resize(campaign.last_seed - campaign.first_seed + 1);
    for (unsigned i = 0; i < campaign.jobs; ++i) threads_.emplace_back([this] { work(); });
  }

  CampaignReport wait(const std::function<bool(const CampaignProgress&)>& goes_on) && {
    constexpr auto kPeriod = std::chrono::milliseconds(100);
    std::unique_lock lock(mutex_);
    while (!is_idle_.wait_for(lock, kPeriod, [this] { return busy_ == 0; })) {
      if (!goes_on({report_.scenarios, failures_.size()})) is_cancelled_ = true;
    }
    lock.unlock();
    for (std::thread& thread : threads_) thread.join();
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

  void work() {
    for (std::unique_lock lock(mutex_);;) {
      if (is_cancelled_ || next_seed_ > campaign_.last_seed) {
        --busy_;
        is_idle_.notify_one();
        return;
      }
      Choice choice = campaign_.choice;
      choice.seed = next_seed_++;
      lock.unlock();
      const Verdict verdict = run_choice(choice, is_cancelled_);
      lock.lock();
      note(choice, verdict);
    }
  }

  void note(const Choice& choice, const Verdict& verdict) {
    if (verdict.was_cancelled) return;
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
      report_.failures.push_back(is_cancelled_ ? Shrunk{failure.choice, failure.violation}
                                               : shrink(failure.choice, failure.violation, trial));
    }
  }

  const Campaign& campaign_;
  std::atomic<bool> is_cancelled_ = false;
  std::mutex mutex_;  // guards all below
  std::condition_variable is_idle_;
  std::uint64_t next_seed_;
  unsigned busy_;
  std::vector<Failure> failures_;
  CampaignReport report_;
  std::vector<std::thread> threads_;
};

}  // namespace

CampaignReport run_campaign(const Campaign& campaign,
                            const std::function<bool(const CampaignProgress&)>& goes_on) {
  HAWSER_ASSERT(campaign.last_seed >= campaign.first_seed && campaign.jobs > 0);
  return Workers(campaign).wait(goes_on);
}

std::uint64_t seed_under_way() { return current_seed; }

}  // namespace hawser::swarm
