#include "transport/connection/path_validator.h"

#include <algorithm>

namespace hawser {

void PathValidator::on_other_path(const NetworkPath& path, RandomSource& random) {
  if (candidate_ && candidate_->remote == path.remote) return;
  candidate_ = path;
  random.fill(challenge_);
  challenges_sent_ = 0;
  is_challenge_due_ = true;
  deadline_ = kNever;
}

std::optional<PathValidator::Change> PathValidator::on_response(TimePoint now,
                                                                const PathChallengeData& data) {
  if (!candidate_ || challenges_sent_ == 0 || data != challenge_) return std::nullopt;
  Change change{*candidate_, candidate_->remote.same_host(current_.remote), std::nullopt};
  if (challenges_sent_ == 1) change.round_trip = now - challenge_time_;
  current_ = *candidate_;
  candidate_.reset();
  is_challenge_due_ = false;
  deadline_ = kNever;
  return change;
}

void PathValidator::on_challenge(const NetworkPath& path, const PathChallengeData& data) {
  if (responses_ == kResponsesMax) {
    std::shift_left(response_queue_.begin(), response_queue_.end(), 1);
    --responses_;
  }
  response_queue_[responses_++] = {path, data, true};
}

std::optional<PathValidator::Probe> PathValidator::take_probe(TimePoint now, Duration timeout) {
  if (responses_ > 0) {
    const Probe response = response_queue_[0];
    std::shift_left(response_queue_.begin(), response_queue_.end(), 1);
    --responses_;
    return response;
  }
  if (!is_challenge_due_) return std::nullopt;
  is_challenge_due_ = false;
  deadline_ = now + timeout * (std::int64_t{1} << challenges_sent_);
  ++challenges_sent_;
  challenge_time_ = now;
  return Probe{*candidate_, challenge_, false};
}

void PathValidator::on_timeout() {
  deadline_ = kNever;
  if (challenges_sent_ < kChallengesMax) {
    is_challenge_due_ = true;
  } else {
    // Whoever sent from there cannot receive there. A new packet from there starts again.
    candidate_.reset();
  }
}

}  // namespace hawser
