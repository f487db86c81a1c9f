#pragma once
/// Which network path a connection uses, and how it gets another one: the peer's new address must
/// answer a challenge before anything but challenges is sent there (RFC 9000 s8.2, s9.3).
///
/// A path gets at most three times the bytes that came by it, so a forged source address gains
/// nothing. Owned by one connection.

#include <array>
#include <optional>

#include "arq/rtt_estimator.h"
#include "hawser/address.h"
#include "hawser/random.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser {

using PathChallengeData = std::array<std::uint8_t, 8>;

class PathValidator {
 public:
  /// A candidate is given up after three of the larger of the current probe timeout and this, the
  /// one of a path that nothing is known of (RFC 9000 s8.2.4).
  static constexpr Duration kUnknownProbeTimeout = 3 * kInitialRtt;
  /// What a challenge takes at most, header and trailer included.
  static constexpr ByteCount kChallengeSize{48};
  /// Responses that may wait at a time; further challenges replace the oldest.
  static constexpr std::size_t kResponsesMax = 4;

  explicit PathValidator(const NetworkPath& path) : current_(path) {}

  const NetworkPath& current() const { return current_; }
  bool is_current(const NetworkPath& path) const { return path.remote == current_.remote; }
  /// The local address of the current path, as datagrams arrive there.
  void set_local(const SocketAddress& local) { current_.local = local; }

  /// A verified packet of `bytes`, the newest so far, came on another path. A challenge is due,
  /// unless that path is being challenged already.
  void on_other_path(const NetworkPath& path, ByteCount bytes, RandomSource& random);
  /// The peer answered. The new current path if the data is right; `only_port_changed` tells
  /// whether what was learned of the old one still holds. The challenge's round trip is the first
  /// sample of the new one (RFC 9002 s6.2.2), unless it was repeated and the sample is ambiguous.
  struct Change {
    NetworkPath path;
    bool only_port_changed = false;
    std::optional<Duration> round_trip;
  };
  std::optional<Change> on_response(TimePoint now, const PathChallengeData& data);
  /// The peer challenges us; the response goes back on the path that the challenge came by.
  void on_challenge(const NetworkPath& path, const PathChallengeData& data);

  /// A datagram of its own that is due, or nothing. Taking it counts as sending.
  struct Probe {
    NetworkPath path;
    PathChallengeData data{};
    bool is_response = false;
  };
  bool has_probe() const {
    return responses_ > 0 || (is_challenge_due_ && allowance_ >= kChallengeSize);
  }
  /// `timeout`: the present probe timeout, after which a challenge is first repeated.
  std::optional<Probe> take_probe(TimePoint now, Duration timeout);
  /// When the challenge must be repeated or given up.
  TimePoint deadline() const { return deadline_; }
  void on_timeout(TimePoint now);

 private:
  NetworkPath current_;
  std::optional<NetworkPath> candidate_;
  PathChallengeData challenge_{};
  bool is_challenge_due_ = false;
  int challenges_sent_ = 0;
  TimePoint challenge_time_;  // of the one sent last
  ByteCount allowance_{0};    // what may still be sent to the candidate
  TimePoint deadline_ = kNever;
  TimePoint end_ = kNever;  // when the candidate is given up
  std::array<Probe, kResponsesMax> response_queue_{};
  std::size_t responses_ = 0;
};

}  // namespace hawser
