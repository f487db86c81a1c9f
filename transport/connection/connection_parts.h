#pragma once
/// The parts of one connection, held together. Values and owners only: what is done with them
/// stands in the files that take a `ConnectionParts&` (datagram_builder, packet_receiver) and in
/// Connection, which calls those in order.

#include <memory>
#include <optional>
#include <utility>

#include "arq/ack_frequency.h"
#include "arq/ack_scheduler.h"
#include "hawser/stats.h"
#include "transport/connection/connection_api.h"
#include "transport/connection/event_queue.h"
#include "transport/connection/handshake.h"
#include "transport/connection/inbox.h"
#include "transport/connection/outbox.h"
#include "transport/connection/path_mtu_search.h"
#include "transport/connection/path_validator.h"
#include "transport/connection/recovery.h"

namespace hawser {

struct ConnectionParts {
  ConnectionResources resources;
  ConnectionIdentity identity;
  std::shared_ptr<const ConnectionConfig> config;
  Tracer tracer;

  EventQueue events;
  Inbox inbox;
  Outbox outbox;
  AckScheduler acks;
  AckFrequency frequency;
  Recovery recovery;
  Handshake handshake;
  PathValidator paths;
  PathMtuSearch mtu;

  wire::PseudoHeader outgoing;  ///< of packets to the peer, once its id is known
  wire::PseudoHeader incoming;  ///< of packets from the peer
  ByteCount datagram_size;      ///< largest datagram to send on the current path
  EcnCounts ecn_received;
  bool is_credit_update_due = false;  ///< a WINDOW frame waits
  std::uint64_t windows_sent = 0;     ///< WINDOW frames, the newest of which counts
  bool is_ping_due = false;
  bool is_companion_due = false;  ///< a small packet, to show whether it is the size that is lost
  bool is_out_of_memory = false;  ///< a packet could not be noted: the connection cannot go on
  std::uint64_t acks_alone = 0;   ///< datagrams since the last one that elicited an ACK
  ConnectionStats counters;       ///< what no part counts itself
  std::optional<std::uint64_t> frequency_request;  ///< the newest ACK_FREQUENCY request obeyed

  ConnectionParts(const ConnectionResources& shared, const ConnectionIdentity& name,
                  const ClientStart& start, std::unique_ptr<CongestionController> controller)
      : resources(shared),
        identity(name),
        config(start.config),
        tracer{shared.trace, name.handle},
        inbox(shared, events, *config, config->arq),
        outbox(*shared.pool, events, *config, config->arq),
        acks(*shared.pool, config->ack_delay_max),
        recovery(*shared.pool, *config, std::move(controller), tracer),
        handshake(name, start, *shared.random, inbox.credit()),
        paths({.local = {}, .remote = start.remote}),
        mtu(search_config(*config)),
        datagram_size(config->datagram_size) {}

  ConnectionParts(const ConnectionResources& shared, const ConnectionIdentity& name,
                  const ServerStart& start, std::unique_ptr<CongestionController> controller)
      : resources(shared),
        identity(name),
        config(start.config),
        tracer{shared.trace, name.handle},
        inbox(shared, events, *config, from_wire(start.body->parameters.arq)),
        outbox(*shared.pool, events, *config, from_wire(start.body->parameters.arq)),
        acks(*shared.pool, config->ack_delay_max),
        recovery(*shared.pool, *config, std::move(controller), tracer),
        handshake(*shared.pool, name, start, inbox.credit()),
        paths(start.path),
        mtu(search_config(*config)),
        datagram_size(config->datagram_size) {}

  ConnectionParts(const ConnectionParts&) = delete;
  ConnectionParts& operator=(const ConnectionParts&) = delete;

  static PathMtuSearch::Config search_config(const ConnectionConfig& config) {
    return {.is_wanted = config.path_mtu_search,
            .start = config.datagram_size,
            .max = config.datagram_size_max};
  }
  bool is_textbook() const { return recovery.arq() != Arq::selective_repeat; }
};

}  // namespace hawser
