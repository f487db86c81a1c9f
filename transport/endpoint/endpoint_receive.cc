#include <algorithm>
#include <iterator>

#include "transport/connection/pool_object.h"
#include "transport/endpoint/endpoint_impl.h"

namespace hawser {
namespace {

bool is_supported(std::uint32_t version) {
  return std::ranges::find(wire::kSupportedVersions, version) != std::end(wire::kSupportedVersions);
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

InitOrigin origin_of(const ReceivedDatagram& datagram, const wire::PacketView& view) {
  return {.remote = datagram.path.remote,
          .source_id = view.source_id,
          .destination_id = view.destination_id};
}

AnswerTrigger trigger_of(const ReceivedDatagram& datagram, const wire::PacketView& view) {
  return {.path = datagram.path, .size = ByteCount::of(datagram.bytes.size()), .view = &view};
}

}  // namespace

// ---- Datagrams to connections ------------------------------------------------------------------

void Endpoint::Impl::receive(TimePoint now, const Received& received) {
  ReceivedDatagram datagram{.bytes = {}, .path = received.path, .ecn = received.ecn};
  if (received.bytes.empty()) {
    drop(now, datagram, {&EndpointStats::empty_dropped, "empty_dropped"});
    return;
  }
  const std::size_t step =
      received.segment_size == 0 ? received.bytes.size() : received.segment_size;
  ConnectionSlot* group = nullptr;  // whose datagrams stand in a row
  for (auto rest = received.bytes; !rest.empty(); rest = rest.subspan(datagram.bytes.size())) {
    datagram.bytes = rest.first(std::min(step, rest.size()));
    const auto view = inspect(now, datagram);
    if (!view) continue;
    // An INIT names an id of its sender's invention.
    const bool is_init = view->type == wire::PacketType::init;
    ConnectionSlot* slot = is_init ? nullptr : table_.find(view->destination_id);
    if (slot != group) {
      end_group(now, group);
      group = slot;
    }
    if (slot != nullptr) {
      slot->connection->receive(now, datagram, *view);
    } else {
      on_stray({now, datagram, *view});
    }
  }
  end_group(now, group);
}

Result<wire::PacketView> Endpoint::Impl::inspect(TimePoint now, const ReceivedDatagram& datagram) {
  auto view = wire::parse_packet(datagram.bytes, config_.connection_id_size);
  // One packet that fills its datagram needs no second look.
  const bool is_well_formed =
      view && (view->packet.size() == datagram.bytes.size() ||
               wire::count_packets(datagram.bytes, config_.connection_id_size));
  if (is_well_formed) return view;
  drop(now, datagram, {&EndpointStats::malformed_dropped, "malformed_dropped"});
  return Errc::malformed;
}

void Endpoint::Impl::end_group(TimePoint now, ConnectionSlot* slot) {
  if (slot == nullptr) return;
  slot->connection->receive_end(now);
  refresh(*slot);
}

// ---- Datagrams without a connection ------------------------------------------------------------

void Endpoint::Impl::on_stray(const Stray& stray) {
  switch (stray.view.type) {
    case wire::PacketType::init:
      return on_init(stray);
    case wire::PacketType::reset:
      return on_reset(stray);
    case wire::PacketType::data:
      return on_stray_data(stray);
    case wire::PacketType::retry:
    case wire::PacketType::accept:
    case wire::PacketType::version:
    case wire::PacketType::refuse:
      break;
  }
  // Answers to something that we do not know of (any more). They never draw an answer.
  drop(stray.now, stray.datagram,
       {&EndpointStats::unknown_connection_dropped, "unknown_connection_dropped"});
}

void Endpoint::Impl::on_stray_data(const Stray& stray) {
  drop(stray.now, stray.datagram,
       {&EndpointStats::unknown_connection_dropped, "unknown_connection_dropped"});
  // Another loop of our port may know a connection that we do not: its shard byte tells.
  const ConnectionId& id = stray.view.destination_id;
  const auto trigger = trigger_of(stray.datagram, stray.view);
  if (!table_.has_our_shard(id) || trigger.size <= wire::kResetSize) return;
  count_answer(answers_.reset(stray.now, trigger, keys_.reset_token(id)),
               &EndpointStats::resets_sent);
}

void Endpoint::Impl::on_reset(const Stray& stray) {
  ConnectionSlot* slot = resets_.find(reset_digest(stray.view.payload));
  if (slot == nullptr) {
    drop(stray.now, stray.datagram,
         {&EndpointStats::unknown_reset_dropped, "unknown_reset_dropped"});
  } else if (!wire::verify_plain_packet(stray.view)) {
    drop(stray.now, stray.datagram, {&EndpointStats::checksum_failures, "checksum_failures"});
  } else {
    slot->connection->on_stateless_reset(stray.now);
    refresh(*slot);
  }
}

// Cheap checks come first, and nothing is kept before the client's address is validated.
void Endpoint::Impl::on_init(const Stray& stray) {
  const auto& [now, datagram, view] = stray;
  if (!config_.accepts_connections) {
    return drop(now, datagram, {&EndpointStats::unexpected_dropped, "unexpected_dropped"});
  }
  if (ByteCount::of(datagram.bytes.size()) < wire::kInitSizeMin) {
    return drop(now, datagram, {&EndpointStats::short_init_dropped, "short_init_dropped"});
  }
  if (!is_supported(view.version)) {
    return count_answer(answers_.version(trigger_of(datagram, view)),
                        &EndpointStats::versions_sent);
  }
  if (!wire::verify_plain_packet(view)) {
    return drop(now, datagram, {&EndpointStats::checksum_failures, "checksum_failures"});
  }
  const auto body = wire::parse_init(view.payload);
  const bool has_good_ids = view.destination_id.size() >= wire::kInitialIdSizeMin &&
                            view.source_id.size() >= wire::kShortIdSizeMin;
  if (!body || !has_good_ids)
    return drop(now, datagram, {&EndpointStats::malformed_dropped, "malformed_dropped"});
  on_verified_init(stray, *body);
}

void Endpoint::Impl::on_verified_init(const Stray& stray, const wire::InitBody& body) {
  const auto& [now, datagram, view] = stray;
  // Asked before the cookie: the address of an existing connection was validated, and under heavy
  // loss a handshake may outlast its cookie.
  const Digest client = client_digest(view.source_id, datagram.path.remote);
  if (ConnectionSlot* slot = clients_.find(client)) {
    slot->connection->on_repeated_init(now, view, body, datagram);
    refresh(*slot);
    return;
  }
  const InitOrigin origin = origin_of(datagram, view);
  if (validator_.is_valid(now, origin, body.token)) return admit(stray, body, client);
  if (!body.token.empty()) {
    drop(now, datagram, {&EndpointStats::bad_cookie_dropped, "bad_cookie_dropped"});
  }
  count_answer(answers_.retry(trigger_of(datagram, view), validator_.make_cookie(now, origin)),
               &EndpointStats::retries_sent);
}

void Endpoint::Impl::admit(const Stray& stray, const wire::InitBody& body, const Digest& client) {
  constexpr auto kOurProfile = std::uint64_t{1}
                               << static_cast<unsigned>(wire::IntegrityProfile::crc32c);
  if ((body.parameters.integrity_profiles & kOurProfile) == 0) {
    return refuse(stray, {.reason = CloseReason::version_mismatch,
                          .phrase = bytes_of("the server knows integrity profile crc32c alone")});
  }
  if (!is_accepting_) {
    return refuse(stray, {.phrase = bytes_of("the server takes no new connections")});
  }
  if (table_.is_full() || half_open_ >= config_.half_open_max) {
    return refuse(stray, {.reason = CloseReason::server_full,
                          .phrase = bytes_of("the server is at its connection limit")});
  }
  if (config_.admission) {
    const Admission admission = config_.admission({.remote = stray.datagram.path.remote,
                                                   .handshake_payload = body.payload,
                                                   .instance_id = body.parameters.instance_id});
    if (!admission.is_accepted) {
      const auto phrase = std::string_view(admission.phrase).substr(0, wire::kClosePhraseMax);
      return refuse(stray,
                    {.application_code = admission.application_code, .phrase = bytes_of(phrase)});
    }
  }
  accept(stray, body, client);
}

void Endpoint::Impl::accept(const Stray& stray, const wire::InitBody& body, const Digest& client) {
  const wire::RefuseBody no_memory{.reason = CloseReason::server_full,
                                   .phrase = bytes_of("the server is out of memory")};
  const auto acquired = acquire_slot();
  if (!acquired) return refuse(stray, no_memory);
  ConnectionSlot& slot = **acquired;
  const Credential token = validator_.make_token(stray.now, stray.datagram.path.remote);
  const ServerStart start{.now = stray.now,
                          .config = accepted_config_,
                          .path = stray.datagram.path,
                          .init = &stray.view,
                          .body = &body,
                          .incarnation = incarnation_,
                          .new_token = token};
  if (!make_connection(slot, start)) return refuse(stray, no_memory);
  clients_.insert(client, slot);
  slot.client_digest = client;
  slot.is_half_open = true;
  ++half_open_;
  ++stats_.connections_accepted;
  refresh(slot);
}

void Endpoint::Impl::refuse(const Stray& stray, const wire::RefuseBody& body) {
  ++stats_.connections_refused;
  if (!answers_.refuse(trigger_of(stray.datagram, stray.view), body)) ++stats_.answers_suppressed;
}

void Endpoint::Impl::count_answer(bool is_queued, Counter counter) {
  ++(stats_.*(is_queued ? counter : &EndpointStats::answers_suppressed));
}

void Endpoint::Impl::drop(TimePoint now, const ReceivedDatagram& datagram,
                          const DropReason& reason) {
  ++(stats_.*reason.counter);
  if (config_.trace == nullptr) return;
  config_.trace->on_event(
      now, ConnectionHandle::none,
      PacketDroppedTrace{.bytes = ByteCount::of(datagram.bytes.size()), .reason = reason.name});
}

Digest Endpoint::Impl::client_digest(const ConnectionId& source_id,
                                     const SocketAddress& remote) const {
  wire::SipHash hash(index_key_, wire::SipHash::Output::bits128);
  update_with_id(hash, source_id);
  update_with_address(hash, remote, true);
  return hash.finish128();
}

Digest Endpoint::Impl::reset_digest(std::span<const std::uint8_t> token) const {
  return wire::siphash128(index_key_, token);
}

}  // namespace hawser
