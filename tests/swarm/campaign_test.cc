#include "tools/swarm/campaign.h"

#include <gtest/gtest.h>

namespace hawser::swarm {
namespace {

CampaignReport run_with(unsigned jobs, std::optional<std::size_t> batch) {
  Campaign campaign;
  campaign.first_seed = 1;
  campaign.last_seed = 12;
  campaign.choice.batch = batch;
  campaign.jobs = jobs;
  campaign.keeps_hashes = true;
  return run_campaign(campaign, [](const CampaignProgress&) { return true; });
}

TEST(CampaignTest, NeitherThreadsNorBatchesShowInWhatComesOut) {
  const CampaignReport one = run_with(1, 1);
  const CampaignReport three = run_with(3, 64);
  EXPECT_EQ(one.scenarios, 12U);
  EXPECT_EQ(one.hashes, three.hashes);
  EXPECT_EQ(one.datagrams, three.datagrams);
  EXPECT_EQ(one.delivered, three.delivered);
}

TEST(CampaignTest, StopsWhenAsked) {
  Campaign campaign;
  campaign.last_seed = 1'000'000'000;
  const CampaignReport report =
      run_campaign(campaign, [](const CampaignProgress&) { return false; });
  EXPECT_LT(report.scenarios, 1'000'000U);
  EXPECT_TRUE(report.failing_seeds.empty());
}

}  // namespace
}  // namespace hawser::swarm
