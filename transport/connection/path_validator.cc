#include "transport/connection/path_validator.h"

#include <algorithm>

namespace hawser {

void PathValidator::on_other_path(const NetworkPath& path, ByteCount bytes, RandomSource& random) {
  const ByteCount allowed = bytes * 3;
  if (candidate_ && candidate_->remote == path.remote) {
    allowance_ += allowed;
    return;
  }
  candidate_ = path;
  allowance_ = allowed;
  random.fill(challenge_);
  challenges_sent_ = 0;
  is_challenge_due_ = true;
  deadline_ = end_ = kNever;
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
  if (!has_probe()) return std::nullopt;
  is_challenge_due_ = false;
  allowance_ -= kChallengeSize;
  if (challenges_sent_ == 0) end_ = now + 3 * std::max(timeout, kUnknownProbeTimeout);
  deadline_ = std::min(now + timeout * (std::int64_t{1} << std::min(challenges_sent_, 10)), end_);
  ++challenges_sent_;
  challenge_time_ = now;
  return Probe{*candidate_, challenge_, false};
}

void PathValidator::on_timeout(TimePoint now) {
  if (now < end_) {
    is_challenge_due_ = true;
    deadline_ = end_;  // until it is sent
    return;
  }
  // Whoever sent from there cannot receive there. A new packet from there starts again.
  candidate_.reset();
  is_challenge_due_ = false;
  deadline_ = kNever;
}

}  // namespace hawser
