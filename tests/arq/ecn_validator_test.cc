#include "arq/ecn_validator.h"

#include <gtest/gtest.h>

#include "tests/arq/support.h"

namespace hawser::test {
namespace {

class EcnValidatorTest : public testing::Test {
 protected:
  /// An ack-eliciting packet 1 ms after the one before; the probe timeout is 100 ms.
  Ecn send(bool is_ack_eliciting = true) {
    now_ += ms(1);
    return validator_.mark({.now = now_,
                            .number = PacketNumber(next_number_++),
                            .is_ack_eliciting = is_ack_eliciting,
                            .probe_timeout = ms(100)});
  }
  int send_marked(int count) {
    int marked = 0;
    for (int i = 0; i < count; ++i) marked += send() == Ecn::ect0 ? 1 : 0;
    return marked;
  }
  /// An acknowledgement of `newly_acked` marked packets.
  bool report(std::uint64_t newly_acked, const std::optional<EcnCounts>& counts) {
    return validator_.on_report(
        {.newly_acked = newly_acked,
         .newest_acked = PacketNumber(next_number_ > 0 ? next_number_ - 1 : 0),
         .has_new_largest = true,
         .counts = counts});
  }
  void become_capable() {
    send_marked(1);
    report(1, EcnCounts{.ect0 = 1});
    ASSERT_EQ(validator_.state(), EcnState::capable);
  }
  void lose(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t number = first; number <= last; ++number) {
      validator_.on_lost(PacketNumber(number));
    }
  }

  EcnValidator validator_{true};
  TimePoint now_ = at(ms(0));
  std::uint64_t next_number_ = 0;
};

// RFC 9000 s13.4.2.
TEST_F(EcnValidatorTest, MarksTheFirstTenPacketsAndThenWaits) {
  EXPECT_EQ(send_marked(15), 10);
  EXPECT_EQ(validator_.state(), EcnState::unknown);
}

// RFC 9000 s13.4.2: "or for a period of three PTOs".
TEST_F(EcnValidatorTest, MarksForThreeProbeTimeoutsAtMost) {
  EXPECT_EQ(send(), Ecn::ect0);
  now_ += ms(298);
  EXPECT_EQ(send(), Ecn::ect0);
  EXPECT_EQ(send(), Ecn::not_ect);
  EXPECT_EQ(validator_.state(), EcnState::unknown);
}

TEST_F(EcnValidatorTest, TestsWithPacketsThatWillBeAcknowledgedOnly) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(send(false), Ecn::not_ect);
  EXPECT_FALSE(validator_.marks_alike()) << "the next one may differ by what it holds";
  EXPECT_EQ(send(), Ecn::ect0);
}

// RFC 9000 A.4: a report that covers a marked packet makes the path capable, from either state.
TEST_F(EcnValidatorTest, AReportThatCoversWhatIsAcknowledgedMakesThePathCapable) {
  send_marked(2);
  EXPECT_FALSE(report(2, EcnCounts{.ect0 = 2})) << "nothing congested";
  EXPECT_EQ(validator_.state(), EcnState::capable);
  EXPECT_TRUE(validator_.marks_alike());
  EXPECT_EQ(send(false), Ecn::ect0) << "acknowledgements are marked as well";

  validator_.restart();
  EXPECT_EQ(send_marked(12), 10);
  report(1, EcnCounts{.ect0 = 4});
  EXPECT_EQ(validator_.state(), EcnState::capable);
}

// RFC 9000 A.4: "unless no marked packet has been acknowledged".
TEST_F(EcnValidatorTest, ReportsOfUnmarkedPacketsProveNothing) {
  send(false);
  EXPECT_FALSE(report(0, std::nullopt));
  EXPECT_FALSE(report(0, EcnCounts{}));
  EXPECT_EQ(validator_.state(), EcnState::testing);
}

// RFC 9000 s13.4.2.1: a network that zeroes the bits, or a peer that does not report.
TEST_F(EcnValidatorTest, AMarkedPacketAcknowledgedWithoutCountsFails) {
  send_marked(1);
  report(1, std::nullopt);
  EXPECT_EQ(validator_.state(), EcnState::failed);
  EXPECT_EQ(send(), Ecn::not_ect);
}

// RFC 9000 s13.4.2.1: the sum of both increases must cover what is newly acknowledged.
TEST_F(EcnValidatorTest, CountsThatGrowTooLittleFailAtAnyTime) {
  become_capable();
  send_marked(5);
  report(3, EcnCounts{.ect0 = 3, .ce = 1});
  EXPECT_EQ(validator_.state(), EcnState::capable);
  report(2, EcnCounts{.ect0 = 4, .ce = 1});
  EXPECT_EQ(validator_.state(), EcnState::failed);
}

// RFC 9000 s13.4.2.1: acknowledgements can be lost, so counts may grow by more.
TEST_F(EcnValidatorTest, CountsMayGrowByMoreThanIsAcknowledged) {
  send_marked(8);
  report(1, EcnCounts{.ect0 = 8});
  EXPECT_EQ(validator_.state(), EcnState::capable);
}

// RFC 9000 s13.4.2.1: no more can have arrived than left; ECT(1) we never send.
TEST_F(EcnValidatorTest, CountsBeyondWhatWasSentFail) {
  send_marked(2);
  report(2, EcnCounts{.ect0 = 3});
  EXPECT_EQ(validator_.state(), EcnState::failed);
}
TEST_F(EcnValidatorTest, TheOtherCodePointFails) {
  send_marked(2);
  report(2, EcnCounts{.ect0 = 2, .ect1 = 1});
  EXPECT_EQ(validator_.state(), EcnState::failed);
}
TEST_F(EcnValidatorTest, CountsThatShrinkFail) {
  become_capable();
  send_marked(1);
  report(1, EcnCounts{.ect0 = 1, .ce = 1});
  EXPECT_EQ(validator_.state(), EcnState::capable);
  report(0, EcnCounts{.ect0 = 2});
  EXPECT_EQ(validator_.state(), EcnState::failed);
}

// RFC 9000 s13.4.2.1: "MUST NOT fail ... that does not increase the largest acknowledged".
TEST_F(EcnValidatorTest, AReportThatWasOvertakenProvesNothing) {
  become_capable();
  send_marked(4);
  EXPECT_FALSE(validator_.on_report(
      {.newly_acked = 2, .has_new_largest = false, .counts = EcnCounts{.ect0 = 1, .ce = 0}}));
  EXPECT_EQ(validator_.state(), EcnState::capable);
}

// RFC 9000 s13.4.2: all packets of the test lost.
TEST_F(EcnValidatorTest, ATestOfWhichNothingArrivesFails) {
  EXPECT_EQ(send_marked(11), 10);
  lose(0, 8);
  EXPECT_EQ(validator_.state(), EcnState::unknown);
  lose(9, 9);
  EXPECT_EQ(validator_.state(), EcnState::failed);
}

TEST_F(EcnValidatorTest, LossesBeforeTheTestIsOverProveNothing) {
  send_marked(3);
  lose(0, 2);
  EXPECT_EQ(validator_.state(), EcnState::testing);
  EXPECT_EQ(send(), Ecn::ect0);
}

// RFC 9002 s7.1, appendix B.7: an increase of the CE count, told of once.
TEST_F(EcnValidatorTest, TellsOfEveryIncreaseOfMarksOnce) {
  become_capable();
  send_marked(6);
  EXPECT_TRUE(report(2, EcnCounts{.ect0 = 2, .ce = 1}));
  EXPECT_FALSE(report(2, EcnCounts{.ect0 = 4, .ce = 1}));
  EXPECT_TRUE(report(2, EcnCounts{.ect0 = 5, .ce = 2}));
  EXPECT_EQ(validator_.ce_reported(), 2U);
}

TEST_F(EcnValidatorTest, MarksOfTheTestAreToldOfOnceThePathIsCapable) {
  send_marked(3);
  EXPECT_FALSE(report(1, EcnCounts{.ce = 1}));
  EXPECT_EQ(validator_.state(), EcnState::testing);
  EXPECT_TRUE(report(2, EcnCounts{.ect0 = 2, .ce = 1}));
  EXPECT_EQ(validator_.state(), EcnState::capable);
}

// Something on the way sets the mark in whatever passes.
TEST_F(EcnValidatorTest, APathThatMarksAllOfTheTestIsNotBelieved) {
  send_marked(10);
  EXPECT_FALSE(report(4, EcnCounts{.ce = 4}));
  EXPECT_EQ(validator_.state(), EcnState::unknown);
  EXPECT_FALSE(report(6, EcnCounts{.ce = 10}));
  EXPECT_EQ(validator_.state(), EcnState::failed);
}

// RFC 9000 s13.4.2.2 allows another test of the same path.
TEST_F(EcnValidatorTest, ACapablePathThatFallsSilentIsTestedAgain) {
  become_capable();
  send_marked(20);
  validator_.on_silence();
  EXPECT_EQ(send(), Ecn::not_ect);
  report(0, EcnCounts{.ect0 = 1});
  EXPECT_EQ(validator_.state(), EcnState::testing);
  lose(1, 20);
  EXPECT_EQ(validator_.state(), EcnState::testing) << "those were lost with the silence";
  EXPECT_EQ(send_marked(11), 10);
  lose(22, 31);
  EXPECT_EQ(validator_.state(), EcnState::failed);
}

TEST_F(EcnValidatorTest, AnOldReportDoesNotEndASilence) {
  become_capable();
  validator_.on_silence();
  validator_.on_report(
      {.newly_acked = 0, .has_new_largest = false, .counts = EcnCounts{.ect0 = 1}});
  EXPECT_EQ(validator_.state(), EcnState::unknown);
  EXPECT_EQ(send(), Ecn::not_ect);
}

// As an acknowledgement is marked that tells of them: it may leave long after they arrived.
TEST_F(EcnValidatorTest, WhatLeftBeforeASilenceProvesNothing) {
  become_capable();
  send_marked(4);
  validator_.on_silence();
  send();
  validator_.on_report({.newly_acked = 3,
                        .newest_acked = PacketNumber(3),
                        .has_new_largest = true,
                        .counts = EcnCounts{.ect0 = 4}});
  EXPECT_EQ(validator_.state(), EcnState::testing);
  send_marked(1);
  report(1, EcnCounts{.ect0 = 5});
  EXPECT_EQ(validator_.state(), EcnState::capable);
}

// RFC 9000 s9.4: the marks of another path say nothing of this one.
TEST_F(EcnValidatorTest, MarksOfTheOldPathAreNotToldOnTheNewOne) {
  become_capable();
  send_marked(50);
  validator_.restart();
  EXPECT_FALSE(report(0, EcnCounts{.ect0 = 1, .ce = 40}));
  send_marked(1);
  EXPECT_FALSE(report(1, EcnCounts{.ect0 = 2, .ce = 40}));
  EXPECT_EQ(validator_.state(), EcnState::capable);
  send_marked(1);
  EXPECT_TRUE(report(1, EcnCounts{.ect0 = 2, .ce = 41}));
}

// RFC 9000 A.4: the counts are of all paths; what a bad one did to them is not held against others.
TEST_F(EcnValidatorTest, APathIsJudgedByWhatItAddsToTheCounts) {
  send_marked(10);
  report(10, EcnCounts{.ect1 = 10});
  EXPECT_EQ(validator_.state(), EcnState::failed);
  report(0, EcnCounts{.ect1 = 12});
  validator_.restart();
  send_marked(1);
  report(1, EcnCounts{.ect0 = 1, .ect1 = 12});
  EXPECT_EQ(validator_.state(), EcnState::capable);
}

TEST_F(EcnValidatorTest, ATestOfWhichNothingIsLeftIsOver) {
  send_marked(3);
  lose(0, 2);
  EXPECT_EQ(validator_.state(), EcnState::testing);
  now_ += ms(300);
  EXPECT_EQ(send(), Ecn::not_ect);
  EXPECT_EQ(validator_.state(), EcnState::failed);

  validator_.restart();
  send_marked(10);
  report(9, EcnCounts{.ce = 9});
  lose(next_number_ - 1, next_number_ - 1);
  EXPECT_EQ(validator_.state(), EcnState::failed);
}

TEST_F(EcnValidatorTest, SilenceEndsATest) {
  send_marked(3);
  validator_.on_silence();
  EXPECT_EQ(send(), Ecn::not_ect);
  lose(0, 2);
  EXPECT_EQ(validator_.state(), EcnState::failed);
}

TEST_F(EcnValidatorTest, ATestWhosePacketsAreNotHeardOfBeginsAnew) {
  send_marked(12);
  validator_.forget_flight();
  EXPECT_EQ(validator_.state(), EcnState::testing);
  EXPECT_EQ(send_marked(12), 10);
  report(1, EcnCounts{.ect0 = 5});
  validator_.forget_flight();
  EXPECT_EQ(validator_.state(), EcnState::capable);
}

TEST_F(EcnValidatorTest, AnotherPathIsTestedAgain) {
  send_marked(1);
  report(1, std::nullopt);
  validator_.restart();
  EXPECT_EQ(validator_.state(), EcnState::testing);
  send_marked(1);
  report(1, EcnCounts{.ect0 = 1});
  EXPECT_EQ(validator_.state(), EcnState::capable);
}

TEST(EcnValidatorOffTest, MarksNothingAndBelievesNothing) {
  EcnValidator validator(false);
  EXPECT_EQ(validator.mark({.now = at(ms(0)), .number = {}, .is_ack_eliciting = true}),
            Ecn::not_ect);
  EXPECT_FALSE(validator.on_report(
      {.newly_acked = 0, .has_new_largest = true, .counts = EcnCounts{.ce = 7}}));
  validator.restart();
  EXPECT_EQ(validator.state(), EcnState::off);
}

}  // namespace
}  // namespace hawser::test
