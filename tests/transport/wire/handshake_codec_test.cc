#include <array>
#include <chrono>
#include <set>

#include <gtest/gtest.h>

#include "tests/transport/wire/wire_samples.h"
#include "transport/wire/codec.h"

namespace hawser::wire {
namespace {

using samples::Bytes;
using samples::client_id;
using samples::from_hex;
using samples::same;
using samples::server_id;

LongHeader header_of(PacketType type) {
  return LongHeader{.type = type,
                    .destination_id = server_id(),
                    .source_id = client_id(),
                    .number = PacketNumber(3)};
}

/// Everything at its longest.
TransportParameters longest_parameters(std::span<const std::uint8_t> token) {
  TransportParameters parameters;
  parameters.idle_timeout = kForever;
  parameters.datagram_size_max = kDatagramSizeMax;
  parameters.message_size_max = ByteCount::max();
  parameters.initial_credit =
      Credit{.sequence_limit = Sequence::last(), .message_limit = ByteCount::max()};
  parameters.channels_max = 65536;
  parameters.ack_delay_max = kAckDelayLimit;
  parameters.arq = ArqProtocol::stop_and_wait;
  parameters.integrity_profiles = 3;
  parameters.reset_token.emplace();
  parameters.incarnation = 1;
  parameters.instance_id.emplace();
  parameters.transcript = 1;
  parameters.token = token;
  return parameters;
}

/// An INIT's bytes and views into them.
struct Init {
  Bytes bytes;
  PacketView view;
  InitBody body;

  Init(const LongHeader& header, const InitBody& body_written) : bytes(1500) {
    bytes.resize(write_init(bytes, header, body_written, kInitSizeMin));
    view = *parse_packet(bytes, samples::kIdSize);
    body = *parse_init(view.payload);
  }
};

TEST(InitTest, ReadsBackTheSame) {
  SeededRandom random(41);
  for (int i = 0; i < 2000; ++i) {
    InitBody body;
    body.token = samples::random_bytes(random, kTokenSizeMax);
    body.parameters = samples::random_parameters(random);
    body.payload = samples::random_bytes(random, kHandshakePayloadMax);
    const Init init(header_of(PacketType::init), body);
    ASSERT_EQ(init.bytes.size(), kInitSizeMin.size());
    ASSERT_TRUE(verify_plain_packet(init.view));
    ASSERT_EQ(init.view.truncated_number, 3U);
    ASSERT_TRUE(same(init.body.token, body.token));
    ASSERT_TRUE(same(init.body.parameters, body.parameters));
    ASSERT_TRUE(same(init.body.payload, body.payload));
  }
}

TEST(InitTest, TheLongestOneFitsTheSmallestDatagram) {
  const Bytes token(kTokenSizeMax, 1);
  const Bytes payload(kHandshakePayloadMax, 2);
  InitBody body;
  body.token = token;
  body.parameters = longest_parameters(token);
  body.payload = payload;
  LongHeader header = header_of(PacketType::init);
  header.destination_id = samples::make_id(20, 0);
  header.source_id = samples::make_id(20, 50);
  Bytes space(kInitSizeMin.size());
  EXPECT_EQ(write_init(space, header, body, kInitSizeMin), kInitSizeMin.size());
  EXPECT_EQ(write_init(std::span(space).first(1199), header, body, kInitSizeMin), 0U);
}

TEST(InitTest, OnlyZerosMayFollowTheBody) {
  EXPECT_TRUE(parse_init(from_hex("00 00 00")).has_value());
  EXPECT_TRUE(parse_init(from_hex("00 00 00 0000")).has_value());
  EXPECT_EQ(parse_init(from_hex("00 00 00 0001")).error(), Errc::malformed);
  EXPECT_EQ(parse_init(from_hex("00 00 01")).error(), Errc::truncated);
}

TEST(InitTest, LimitsTokenAndPayload) {
  EXPECT_EQ(parse_init(Bytes{0x40, 65}).error(), Errc::malformed);
  EXPECT_EQ(parse_init(from_hex("00 00 4201" + std::string(1026, '0'))).error(), Errc::malformed);
  EXPECT_TRUE(parse_init(from_hex("00 00 4200" + std::string(1024, '0'))).has_value());
}

TEST(InitTest, TheTranscriptBindsVersionIdsParametersAndPayload) {
  // T22: none of them can be changed on the way without the client noticing.
  InitBody body;
  const Bytes payload = from_hex("010203");
  body.payload = payload;
  body.parameters.message_size_max = ByteCount(1000);
  const Init original(header_of(PacketType::init), body);
  const std::uint64_t transcript = transcript_of_init(original.view, original.body);
  std::set<std::uint64_t> transcripts{transcript};

  LongHeader header = header_of(PacketType::init);
  header.source_id = samples::make_id(8, 0xc1);
  const Init other_source(header, body);
  transcripts.insert(transcript_of_init(other_source.view, other_source.body));
  // The same bytes of ids, cut elsewhere.
  header.destination_id = samples::make_id(9, 0x50);
  header.source_id = samples::make_id(7, 0xc1);
  const Init other_cut(header, body);
  transcripts.insert(transcript_of_init(other_cut.view, other_cut.body));
  body.parameters.message_size_max = ByteCount(1001);
  const Init other_parameters(header_of(PacketType::init), body);
  transcripts.insert(transcript_of_init(other_parameters.view, other_parameters.body));
  body.parameters.message_size_max = ByteCount(1000);
  const Bytes longer = from_hex("01020300");
  body.payload = longer;
  const Init other_payload(header_of(PacketType::init), body);
  transcripts.insert(transcript_of_init(other_payload.view, other_payload.body));
  PacketView other_version = original.view;
  other_version.version ^= 1;
  transcripts.insert(transcript_of_init(other_version, original.body));
  EXPECT_EQ(transcripts.size(), 6U);
}

TEST(InitTest, TheTranscriptIgnoresTokenAndNumber) {
  // The INIT that answers a RETRY, and every retransmission, is the same offer.
  InitBody body;
  const Init first(header_of(PacketType::init), body);
  LongHeader header = header_of(PacketType::init);
  header.number = PacketNumber(4);
  const Bytes cookie(16, 9);
  body.token = cookie;
  const Init second(header, body);
  EXPECT_EQ(transcript_of_init(first.view, first.body),
            transcript_of_init(second.view, second.body));
}

TEST(AcceptTest, ReadsBackTheSame) {
  SeededRandom random(42);
  for (int i = 0; i < 2000; ++i) {
    AcceptBody body;
    body.acknowledged_init = PacketNumber(random.below(std::uint64_t{1} << 32));
    body.ack_delay = std::chrono::microseconds(random.below(1'000'000));
    body.parameters = samples::random_parameters(random);
    body.payload = samples::random_bytes(random, kHandshakePayloadMax);
    Bytes bytes(1500);
    bytes.resize(write_accept(bytes, header_of(PacketType::accept), body));
    const auto view = parse_packet(bytes, samples::kIdSize);
    ASSERT_TRUE(view && verify_plain_packet(*view));
    const auto again = parse_accept(view->payload);
    ASSERT_TRUE(again);
    ASSERT_EQ(again->acknowledged_init, body.acknowledged_init);
    ASSERT_EQ(again->ack_delay, body.ack_delay);
    ASSERT_TRUE(same(again->parameters, body.parameters));
    ASSERT_TRUE(same(again->payload, body.payload));
  }
}

TEST(AcceptTest, NothingMayFollowTheBody) {
  EXPECT_TRUE(parse_accept(from_hex("03 00 00 00")).has_value());
  EXPECT_EQ(parse_accept(from_hex("03 00 00 00 00")).error(), Errc::malformed);
  EXPECT_EQ(parse_accept(from_hex("c000000100000000 00 00 00")).error(), Errc::malformed);
}

TEST(RetryTest, CarriesACookie) {
  const Bytes cookie(kCookieSizeMax, 7);
  Bytes bytes(200);
  LongHeader header = header_of(PacketType::retry);
  header.destination_id = samples::make_id(20, 0);
  header.source_id = samples::make_id(20, 50);
  bytes.resize(write_retry(bytes, header, cookie));
  EXPECT_LE(bytes.size(), kStatelessAnswerSizeMax.size());
  const auto view = parse_packet(bytes, samples::kIdSize);
  ASSERT_TRUE(view && verify_plain_packet(*view));
  const auto again = parse_retry(view->payload);
  ASSERT_TRUE(again);
  EXPECT_TRUE(same(*again, cookie));
  EXPECT_EQ(parse_retry(from_hex("00")).error(), Errc::malformed);
  EXPECT_EQ(parse_retry(from_hex("01 aa 00")).error(), Errc::malformed);
  EXPECT_EQ(parse_retry(from_hex("02 aa")).error(), Errc::truncated);
}

TEST(RefuseTest, ReadsBackTheSame) {
  const Bytes phrase = from_hex("66756c6c");
  Bytes bytes(200);
  bytes.resize(write_refuse(
      bytes, header_of(PacketType::refuse),
      RefuseBody{.reason = CloseReason::server_full, .application_code = 500, .phrase = phrase}));
  const auto view = parse_packet(bytes, samples::kIdSize);
  ASSERT_TRUE(view && verify_plain_packet(*view));
  const auto body = parse_refuse(view->payload);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->reason, CloseReason::server_full);
  EXPECT_EQ(body->application_code, 500U);
  EXPECT_TRUE(same(body->phrase, phrase));
}

TEST(RefuseTest, CutsThePhraseToTheSizeOfAStatelessAnswer) {
  const Bytes phrase(kClosePhraseMax, 0x61);
  Bytes bytes(200);
  LongHeader header = header_of(PacketType::refuse);
  header.destination_id = samples::make_id(20, 0);
  header.source_id = samples::make_id(20, 50);
  const RefuseBody body{.application_code = std::uint64_t{1} << 60, .phrase = phrase};
  bytes.resize(write_refuse(bytes, header, body));
  EXPECT_LE(bytes.size(), kStatelessAnswerSizeMax.size());
  const auto view = parse_packet(bytes, samples::kIdSize);
  ASSERT_TRUE(view);
  const auto again = parse_refuse(view->payload);
  ASSERT_TRUE(again);
  EXPECT_GE(again->phrase.size(), kClosePhraseMax - 6);
  bytes.resize(200);
  bytes.resize(write_refuse(bytes, header_of(PacketType::refuse), body));
  EXPECT_TRUE(same(parse_refuse(parse_packet(bytes, 8)->payload)->phrase, phrase));
}

TEST(VersionTest, ListsTheVersionsThatWeSpeak) {
  Bytes bytes(200);
  bytes.resize(write_version(bytes, samples::make_id(20, 0), samples::make_id(20, 50)));
  EXPECT_LE(bytes.size(), kStatelessAnswerSizeMax.size());
  const auto view = parse_packet(bytes, samples::kIdSize);
  ASSERT_TRUE(view && verify_plain_packet(*view));
  EXPECT_EQ(view->type, PacketType::version);
  EXPECT_TRUE(*version_list_has(view->payload, kVersion1));
  EXPECT_FALSE(*version_list_has(view->payload, 0x48415702));
}

TEST(VersionTest, AListIsNotEmptyAndWhole) {
  EXPECT_EQ(version_list_has({}, kVersion1).error(), Errc::malformed);
  EXPECT_EQ(version_list_has(from_hex("484157"), kVersion1).error(), Errc::malformed);
  EXPECT_TRUE(*version_list_has(from_hex("01020304 48415701"), kVersion1));
}

TEST(ResetTest, IsOneSizeWithItsToken) {
  const std::array<std::uint8_t, kResetTokenSize> token{1, 2, 3, 4};
  Bytes bytes(kResetSize.size());
  ASSERT_EQ(write_reset(bytes, token), kResetSize.size());
  const auto view = parse_packet(bytes, samples::kIdSize);
  ASSERT_TRUE(view && verify_plain_packet(*view));
  EXPECT_EQ(view->type, PacketType::reset);
  EXPECT_TRUE(same(view->payload, token));
}

TEST(HandshakePacketTest, WritesNothingIntoASpaceThatIsTooSmall) {
  const Bytes cookie(16, 1);
  const std::array<std::uint8_t, kResetTokenSize> reset_token{};
  const auto smallest = [](auto write) {
    Bytes space(2000);
    const std::size_t size = write(std::span<std::uint8_t>(space));
    for (std::size_t less = 0; less < size; ++less) {
      Bytes tight(less);
      EXPECT_EQ(write(std::span<std::uint8_t>(tight)), 0U) << "space " << less << " of " << size;
    }
    Bytes exact(size);
    EXPECT_EQ(write(std::span<std::uint8_t>(exact)), size);
  };
  InitBody init;
  init.payload = cookie;
  smallest([&](auto space) {
    return write_init(space, header_of(PacketType::init), init, ByteCount(0));
  });
  smallest(
      [&](auto space) { return write_accept(space, header_of(PacketType::accept), AcceptBody{}); });
  smallest([&](auto space) { return write_retry(space, header_of(PacketType::retry), cookie); });
  smallest(
      [&](auto space) { return write_refuse(space, header_of(PacketType::refuse), RefuseBody{}); });
  smallest([](auto space) { return write_version(space, client_id(), server_id()); });
  smallest([&](auto space) { return write_reset(space, reset_token); });
}

}  // namespace
}  // namespace hawser::wire
