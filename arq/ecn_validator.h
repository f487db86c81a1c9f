#pragma once
/// Finds out whether a path keeps ECN marks and the peer reports them, and watches that they go on
/// doing so; says which packets leave marked and which reports of congestion to believe.
///
/// RFC 9000 s13.4.2, with the states of its appendix A.4. Beyond that a capable path that falls
/// silent is tested again. A pure value, one per path; not thread-safe.

#include <cstdint>
#include <optional>

#include "hawser/ecn.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser {

///                  10 packets marked, or 3 PTO gone by
///        testing ------------------------------------> unknown
///           |  ^                                        | |  ^
///           |  '---- silence over (see below) ----------|-'  |
///           |                                           |    | silence
///           |   a report covers what was acknowledged   v    |
///           '---------------------------------------> capable
///
///   Any of them: failed, once a report does not cover what was acknowledged or claims more than
///   was sent, all that the test marked is lost, or all of it that came through came marked as CE.
class EcnValidator {
 public:
  /// RFC 9000 s13.4.2: the test marks so many packets at most, for so many probe timeouts.
  static constexpr std::uint64_t kTestPackets = 10;
  static constexpr int kTestProbeTimeouts = 3;

  explicit EcnValidator(bool is_wanted) : state_(is_wanted ? EcnState::testing : EcnState::off) {}

  struct Departure {
    TimePoint now;
    PacketNumber number;
    /// The test marks only what will be acknowledged: a mere receiver would else use it up on
    /// acknowledgements, of which nobody says how they fared.
    bool is_ack_eliciting = false;
    Duration probe_timeout{0};
  };
  /// The mark of a packet that leaves now: ect0 or not_ect.
  Ecn mark(const Departure& packet);
  /// Whether the next packets are all marked alike, whatever they hold.
  bool marks_alike() const { return state_ != EcnState::testing; }

  /// A marked packet was declared lost.
  void on_lost(PacketNumber number);

  struct Report {
    std::uint64_t newly_acked = 0;      ///< of packets that left marked
    PacketNumber newest_acked{};        ///< the newest of those
    bool has_new_largest = false;       ///< it acknowledges a number above all before
    std::optional<EcnCounts> counts{};  ///< of all that the peer received; nothing: it gave none
  };
  /// What an ACK frame says. True if it tells of congestion marks that no call before told of.
  /// Believed only once the path is capable: what came before is told of then.
  bool on_report(const Report& report);

  /// Probe after probe stays unanswered: perhaps marks are no longer let through. Nothing is marked
  /// until something is acknowledged; then a path that was capable is tested again.
  void on_silence();
  /// Nothing of what is under way will be heard of: a test that hangs on it begins anew.
  void forget_flight();
  /// The path is another one.
  void restart();

  EcnState state() const { return state_; }
  /// Congestion marks that the peer reported, believed or not.
  std::uint64_t ce_reported() const { return reported_.ce; }

 private:
  bool is_plausible(const Report& report) const;
  void judge_test(const Report& report);
  void end_vain_test();

  EcnState state_;
  std::uint64_t sent_ = 0;  // marked, on all paths
  EcnCounts reported_;      // by the newest report, on all paths
  std::uint64_t ce_told_ = 0;
  // The present test.
  PacketNumber test_start_;
  TimePoint test_end_;
  std::uint64_t tested_ = 0;     // packets marked
  std::uint64_t lost_ = 0;       // of those
  std::uint64_t congested_ = 0;  // acknowledged by reports of nothing but CE
  bool is_new_path_ = false;     // not yet capable: what is reported may be of the old one
};

}  // namespace hawser
