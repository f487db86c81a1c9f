#include "arq/ecn_validator.h"

namespace hawser {

Ecn EcnValidator::mark(const Departure& packet) {
  if (state_ == EcnState::capable) {
    ++sent_;
    return Ecn::ect0;
  }
  if (state_ != EcnState::testing || !packet.is_ack_eliciting) return Ecn::not_ect;
  if (tested_ == 0) {
    test_start_ = packet.number;
    test_end_ = packet.now + kTestProbeTimeouts * packet.probe_timeout;
  } else if (packet.now >= test_end_) {
    state_ = EcnState::unknown;
    end_vain_test();
    return Ecn::not_ect;
  }
  ++sent_;
  if (++tested_ == kTestPackets) state_ = EcnState::unknown;
  return Ecn::ect0;
}

void EcnValidator::on_lost(PacketNumber number) {
  if (tested_ == 0 || number < test_start_) return;
  ++lost_;
  end_vain_test();
}

bool EcnValidator::on_report(const Report& report) {
  // RFC 9000 s13.4.2.1: reports that were overtaken prove nothing.
  if (state_ == EcnState::off || !report.has_new_largest) return false;
  if (state_ == EcnState::failed) {
    // What another path will be measured by (RFC 9000 A.4).
    if (report.counts) reported_ = *report.counts;
    return false;
  }
  if (state_ == EcnState::unknown && tested_ == 0) state_ = EcnState::testing;  // no longer silent
  if (!is_plausible(report)) {
    state_ = EcnState::failed;
    if (report.counts) reported_ = *report.counts;
    return false;
  }
  if (!report.counts) return false;
  // What left before the test, before a silence say, is not what it asks for.
  const bool is_of_test =
      report.newly_acked > 0 && tested_ > 0 && report.newest_acked >= test_start_;
  if (state_ != EcnState::capable && is_of_test) judge_test(report);
  reported_ = *report.counts;
  if (state_ != EcnState::capable) {
    if (is_new_path_) ce_told_ = reported_.ce;
    return false;
  }
  is_new_path_ = false;
  if (reported_.ce == ce_told_) return false;
  ce_told_ = reported_.ce;
  return true;
}

/// RFC 9000 s13.4.2.1. Without counts nothing that left marked may be among what is acknowledged.
/// They may grow by more than is newly acknowledged, as reports can be lost.
bool EcnValidator::is_plausible(const Report& report) const {
  if (!report.counts) return report.newly_acked == 0;
  const EcnCounts& now = *report.counts;
  const bool has_shrunk = now.ect0 < reported_.ect0 || now.ce < reported_.ce;
  if (has_shrunk || now.ect1 != reported_.ect1 || now.ect0 + now.ce > sent_) return false;
  return now.ect0 - reported_.ect0 + now.ce - reported_.ce >= report.newly_acked;
}

void EcnValidator::judge_test(const Report& report) {
  if (report.counts->ect0 > reported_.ect0) {
    state_ = EcnState::capable;
    return;
  }
  // Either it is full from the first packet on, or something sets the mark in all of them: to
  // believe the latter would cost nearly the whole rate, not to believe the former a few drops.
  congested_ += report.newly_acked;
  end_vain_test();
}

/// RFC 9000 s13.4.2, A.4: all that the test marked is lost, perhaps for its marks, or came marked
/// as congested. While it goes on others may fare better.
void EcnValidator::end_vain_test() {
  const bool is_over = state_ == EcnState::unknown && tested_ > 0;
  if (is_over && lost_ + congested_ >= tested_) state_ = EcnState::failed;
}

void EcnValidator::on_silence() {
  if (state_ == EcnState::capable) tested_ = lost_ = congested_ = 0;
  if (state_ == EcnState::capable || state_ == EcnState::testing) state_ = EcnState::unknown;
  end_vain_test();
}

void EcnValidator::forget_flight() {
  if (state_ == EcnState::testing || state_ == EcnState::unknown) restart();
}

void EcnValidator::restart() {
  if (state_ == EcnState::off) return;
  state_ = EcnState::testing;
  tested_ = lost_ = congested_ = 0;
  is_new_path_ = true;
  ce_told_ = reported_.ce;
}

}  // namespace hawser
