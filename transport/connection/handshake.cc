#include "transport/connection/handshake.h"

#include <algorithm>

#include "arq/retransmission_timer.h"
#include "transport/connection/outbound_message.h"

namespace hawser {

namespace {

constexpr std::size_t kInitialIdSize = 8;
/// INITs that come closer together than this are copies, or a flood: each ACCEPT costs a record.
constexpr Duration kAcceptSpacing = std::chrono::milliseconds(100);

/// The k-th wait for an answer, from 0.
Duration repetition_interval(int k) {
  const Duration first = kInitialRtt + 4 * (kInitialRtt / 2);
  return std::min(first * (std::int64_t{1} << std::min(k, 10)), RetransmissionTimer::kBackoffMax);
}

}  // namespace

wire::ArqProtocol to_wire(Arq arq) {
  switch (arq) {
    case Arq::selective_repeat:
      return wire::ArqProtocol::selective_repeat;
    case Arq::go_back_n:
      return wire::ArqProtocol::go_back_n;
    case Arq::stop_and_wait:
      return wire::ArqProtocol::stop_and_wait;
  }
  return wire::ArqProtocol::selective_repeat;
}

Arq from_wire(wire::ArqProtocol arq) {
  switch (arq) {
    case wire::ArqProtocol::selective_repeat:
      return Arq::selective_repeat;
    case wire::ArqProtocol::go_back_n:
      return Arq::go_back_n;
    case wire::ArqProtocol::stop_and_wait:
      return Arq::stop_and_wait;
  }
  return Arq::selective_repeat;
}

wire::TransportParameters local_parameters(const ConnectionConfig& config,
                                           const ConnectionIdentity& identity,
                                           const wire::Credit& credit) {
  wire::TransportParameters parameters;
  parameters.idle_timeout = config.idle_timeout;
  parameters.datagram_size_max = wire::kDatagramSizeMax;
  parameters.message_size_max =
      std::min(config.message_size_max, config.receive_window - kMessageOverhead);
  parameters.initial_credit = credit;
  parameters.channels_max = config.channels_max;
  parameters.ack_delay_max = config.ack_delay_max;
  parameters.arq = to_wire(config.arq);
  parameters.reset_token = identity.reset_token;
  return parameters;
}

Handshake::Handshake(const ConnectionIdentity& identity, const ClientStart& start,
                     RandomSource& random, const wire::Credit& credit)
    : config_(start.config), is_client_(true), local_id_(identity.local_id) {
  std::array<std::uint8_t, kInitialIdSize> id{};
  random.fill(id);
  peer_id_ = ConnectionId(id);
  local_ = local_parameters(*config_, identity, credit);
  local_.instance_id = start.instance_id;
  set_token(start.token);
}

Handshake::Handshake(MemoryPool& pool, const ConnectionIdentity& identity, const ServerStart& start,
                     const wire::Credit& credit)
    : config_(start.config),
      is_client_(false),
      local_id_(identity.local_id),
      peer_id_(start.init->source_id) {
  local_ = local_parameters(*config_, identity, credit);
  local_.arq = start.body->parameters.arq;
  local_.incarnation = start.incarnation;
  transcript_ = wire::transcript_of_init(*start.init, *start.body);
  local_.transcript = transcript_;
  set_token(start.new_token);
  adopt(pool, start.body->parameters, start.body->payload);
  acknowledged_init_ = PacketNumber(start.init->truncated_number);
  init_received_time_ = start.now;
}

void Handshake::confirm() {
  is_confirmed_ = true;
  stop_repeating();
}

void Handshake::stop_repeating() {
  is_due_ = false;
  deadline_ = kNever;
}

void Handshake::set_token(std::span<const std::uint8_t> token) {
  token_size_ = std::min(token.size(), token_.size());
  std::copy_n(token.begin(), token_size_, token_.begin());
}

void Handshake::adopt(MemoryPool& pool, const wire::TransportParameters& peer,
                      std::span<const std::uint8_t> payload) {
  peer_ = peer;
  peer_.token = {};  // it points into the datagram
  if (!peer.token.empty()) peer_token_ = Buffer::copy_of(pool, peer.token);
  if (!payload.empty()) peer_payload_ = Buffer::copy_of(pool, payload);
  is_out_of_memory_ =
      peer_token_.size() != peer.token.size() || peer_payload_.size() != payload.size();
}

// ---- Sending ---------------------------------------------------------------------------------

std::size_t Handshake::write(TimePoint now, std::span<std::uint8_t> space, PacketNumber number) {
  is_due_ = false;
  deadline_ = now + repetition_interval(transmissions_);
  ++transmissions_;
  return is_client_ ? write_init(space, number) : write_accept(now, space, number);
}

std::size_t Handshake::write_init(std::span<std::uint8_t> space, PacketNumber number) {
  const wire::InitBody body{.token = token(),
                            .parameters = local_,
                            .encoded_parameters = {},
                            .payload = config_->handshake_payload};
  const wire::LongHeader header{.type = wire::PacketType::init,
                                .destination_id = peer_id_,
                                .source_id = local_id_,
                                .number = number};
  const std::size_t size = wire::write_init(space, header, body, wire::kInitSizeMin);
  HAWSER_ASSERT(size > 0);
  // The transcript covers what the server will read, so read it back.
  const auto view = wire::parse_packet(space.first(size), local_id_.size());
  const auto parsed = wire::parse_init(view->payload);
  transcript_ = wire::transcript_of_init(*view, *parsed);
  return size;
}

std::size_t Handshake::write_accept(TimePoint now, std::span<std::uint8_t> space,
                                    PacketNumber number) {
  local_.token = token();
  const wire::AcceptBody body{.acknowledged_init = acknowledged_init_,
                              .ack_delay = now - init_received_time_,
                              .parameters = local_,
                              .payload = config_->handshake_payload};
  const wire::LongHeader header{.type = wire::PacketType::accept,
                                .destination_id = peer_id_,
                                .source_id = local_id_,
                                .number = number};
  const std::size_t size = wire::write_accept(space, header, body);
  HAWSER_ASSERT(size > 0);
  return size;
}

// ---- Client: answers -------------------------------------------------------------------------

Handshake::Answer Handshake::on_answer(const wire::PacketView& view, MemoryPool& pool) {
  if (is_confirmed_ || transmissions_ == 0) return Answer::ignored;
  switch (view.type) {
    case wire::PacketType::retry:
      return on_retry(view);
    case wire::PacketType::accept:
      return on_accept(view, pool);
    case wire::PacketType::refuse: {
      // A stateless answer carries the id that our INIT went to: nobody else knows it.
      const auto body = wire::parse_refuse(view.payload);
      if (!body || view.source_id != peer_id_) return Answer::ignored;
      refusal_ = *body;
      return Answer::refused;
    }
    case wire::PacketType::version: {
      const auto has_ours = wire::version_list_has(view.payload, wire::kVersion1);
      const bool is_ours = has_ours && view.source_id == peer_id_;
      return is_ours && !*has_ours ? Answer::version_mismatch : Answer::ignored;
    }
    default:
      return Answer::ignored;
  }
}

Handshake::Answer Handshake::on_retry(const wire::PacketView& view) {
  const auto cookie = wire::parse_retry(view.payload);
  if (!cookie || view.source_id != peer_id_) return Answer::ignored;
  set_token(*cookie);
  // The first cookie is shown at once. A server that will not take its own cookies must not make us
  // spin: later ones wait for the timer.
  if (has_cookie_) return Answer::ignored;
  has_cookie_ = true;
  is_due_ = true;
  transmissions_ = 0;
  return Answer::retry;
}

Handshake::Answer Handshake::on_accept(const wire::PacketView& view, MemoryPool& pool) {
  const auto body = wire::parse_accept(view.payload);
  if (!body) return Answer::ignored;
  const wire::TransportParameters& peer = body->parameters;
  if (view.source_id.size() < wire::kShortIdSizeMin) return Answer::ignored;
  if (peer.transcript != transcript_) return Answer::mismatch;
  const bool is_profile_ours = peer.integrity_profiles == local_.integrity_profiles;
  if (!is_profile_ours || peer.arq != local_.arq) return Answer::mismatch;
  acknowledged_init_ = body->acknowledged_init;
  ack_delay_ = body->ack_delay;
  peer_id_ = view.source_id;
  adopt(pool, peer, body->payload);
  confirm();
  return Answer::accepted;
}

// ---- Server ----------------------------------------------------------------------------------

bool Handshake::on_repeated_init(TimePoint now, PacketNumber number) {
  if (is_confirmed_ || now < init_received_time_ + kAcceptSpacing) return false;
  acknowledged_init_ = number;
  init_received_time_ = now;
  is_due_ = true;
  return true;
}

}  // namespace hawser
