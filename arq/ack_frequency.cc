#include "arq/ack_frequency.h"

#include <algorithm>

namespace hawser {
namespace {

/// Fewer packets than this tell nothing of the way back.
constexpr std::uint64_t kJudgedMin = 8;
/// RFC 4341 s6.1.2: at least two acknowledgements per window, however thin the way back.
constexpr std::uint64_t kAcksPerRoundMin = 2;
constexpr std::uint64_t kThinningMax = AckFrequency::kAcksPerRound / kAcksPerRoundMin;
/// So many judgements without a congested way back before more acknowledgements are risked again.
constexpr int kCleanJudgements = 16;
/// Past every gap and fill: the depth at which three packets would declare a loss.
constexpr std::uint64_t kReorderingWhenThinned = 3;

/// Worth a frame: a change by more than a quarter.
bool differs(std::int64_t asked, std::int64_t wanted) {
  return 4 * std::abs(wanted - asked) > asked;
}

}  // namespace

void AckFrequency::on_progress(TimePoint now, const Progress& progress,
                               const AckScheduler& received) {
  if (now >= judged_next_at_) {
    judge_return_path(received);
    judged_next_at_ = now + progress.loss_delay;
  }
  if (progress.largest_acked < round_end_) return;
  ask(progress.packets_delivered - delivered_before_, progress.smoothed_rtt);
  round_end_ = progress.next_number;
  delivered_before_ = progress.packets_delivered;
}

/// Of the packets that have had time to arrive: what is overtaken is not lost.
void AckFrequency::judge_return_path(const AckScheduler& received) {
  const std::uint64_t sent = judged_next_below_.since(judged_below_);
  if (sent >= kJudgedMin) {
    note_lost_acks(sent, received.missing_between(judged_below_, judged_next_below_));
    judged_below_ = judged_next_below_;
  }
  judged_next_below_ = received.expected();
}

void AckFrequency::note_lost_acks(std::uint64_t sent, std::uint64_t lost) {
  if (4 * lost > sent) {
    thinning_ = std::min(2 * thinning_, kThinningMax);
    clean_judgements_ = 0;
  } else if (++clean_judgements_ >= kCleanJudgements) {
    thinning_ = std::max<std::uint64_t>(thinning_ / 2, 1);
    clean_judgements_ = 0;
  }
}

void AckFrequency::ask(std::uint64_t delivered, Duration smoothed_rtt) {
  const std::uint64_t tolerance =
      std::clamp(delivered * thinning_ / kAcksPerRound, kToleranceMin, kToleranceMax);
  const Duration delay = std::min(smoothed_rtt / 4, kDelayMax);
  const std::uint64_t reordering = thinning_ > 1 ? kReorderingWhenThinned : 1;
  const bool is_new = differs(static_cast<std::int64_t>(request_.packet_tolerance),
                              static_cast<std::int64_t>(tolerance)) ||
                      differs(request_.delay_max.count(), delay.count()) ||
                      reordering != request_.reordering;
  if (!is_new) return;
  request_ = {request_.number + 1, tolerance, delay, reordering};
  is_due_ = true;
}

}  // namespace hawser
