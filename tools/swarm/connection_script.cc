#include "tools/swarm/connection_script.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace hawser::swarm {
namespace {

// Tells one direction's bytes from all others'.
std::uint64_t key_of(std::size_t connection, Side from) {
  return 2 * connection + (from == Side::server ? 1 : 0) + 1;
}

Violation disorder(const char* what) { return {Invariant::event_order, what}; }

/// Charged to a receive window on top of a message's bytes.
constexpr ByteCount kMessageCharge{64};

// What both sides know of their idle timeouts: they travel in whole milliseconds.
Duration smaller_timeout(Duration a, Duration b) {
  const Duration smaller = a == Duration(0) || (b != Duration(0) && b < a) ? b : a;
  return std::chrono::floor<std::chrono::milliseconds>(smaller);
}

}  // namespace

ConnectionScript::ConnectionScript(const Setup& setup)
    : scenario_(&setup.scenario),
      number_(setup.number),
      client_(&setup.client),
      server_(&setup.server),
      findings_(&setup.findings),
      ledgers_{MessageLedger(key_of(setup.number, Side::client), setup.scenario.messages),
               MessageLedger(key_of(setup.number, Side::server), setup.scenario.messages)},
      keeps_datagrams_(setup.scenario.keeps_datagrams()) {
  for (const MessagePlan& message : setup.scenario.messages) {
    if (message.connection != number_) continue;
    ++due_later_;
    largest_message_ = std::max(largest_message_, message.size);
  }
}

void ConnectionScript::note(TimePoint now, Finding finding) {
  if (!finding) return;
  finding->what = fmt::format("connection {}: {}", number_, finding->what);
  findings_->note(now - netsim::EventQueue::kStart, std::move(finding));
}

// ---- What the applications do -------------------------------------------------------------------

void ConnectionScript::open() {
  End& client = end_of(Side::client);
  const auto connection = client_->endpoint().connect(
      {.remote = server_->host().address(),
       .config = plan().config,
       .token = plan().shows_token ? client_->token : std::vector<std::uint8_t>()});
  if (!connection) {
    check_refusal_of(Side::client, connection.error());
    client.state = State::failed;  // too little memory
    return;
  }
  client.state = State::opening;
  client.handle = *connection;
  client_->connections[*connection] = number_;
  flush(Side::client);
  client_->host().pump();
}

void ConnectionScript::send(std::size_t number) {
  --due_later_;
  const Side from = scenario_->messages[number].from;
  end_of(from).waiting.push_back(number);
  if (!is_alive(end_of(from))) return;
  flush(from);
  host_of(from).host().pump();
}

void ConnectionScript::flush(Side side) {
  End& end = end_of(side);
  while (!end.waiting.empty() && !end.is_blocked && try_send(side, end.waiting.front())) {
    end.waiting.pop_front();
  }
}

// False if it must wait. What is refused for good is given up, as by an application that does not
// mind.
bool ConnectionScript::try_send(Side side, std::size_t number) {
  End& end = end_of(side);
  Endpoint& endpoint = host_of(side).endpoint();
  const MessagePlan& message = scenario_->messages[number];
  Buffer bytes = Buffer::allocate(endpoint.pool(), message.size.size());
  if (bytes.is_null()) return true;
  sent_by(side).fill(bytes.writable(), number);
  const auto sent =
      endpoint.send(end.handle, std::move(bytes),
                    {.channel = message.channel, .delivery = message.delivery, .tag = number});
  if (sent) {
    sent_by(side).on_accepted(number, *sent);
  } else if (sent.error() == Errc::would_block) {
    end.is_blocked = true;
    return false;
  } else {
    check_refusal_of(side, sent.error(), &message);
  }
  return true;
}

void ConnectionScript::check_refusal_of(Side side, std::error_code error,
                                        const MessagePlan* message) {
  SwarmHost& host = host_of(side);
  const bool is_ending =
      was_closed_ || was_aborted_ || host.watch().of(end_of(side).handle).is_ending;
  Refusal refusal{
      .error = error, .is_ending = is_ending, .was_refused_memory = host.was_refused_memory()};
  if (message != nullptr) {
    for (const Side each : {Side::client, Side::server}) {
      const ConnectionConfig& config = config_of(each);
      refusal.is_too_large |= message->size > config.message_size_max ||
                              message->size + kMessageCharge > granted_window_of(each);
      refusal.is_channel_known &=
          static_cast<std::uint64_t>(message->channel) < config.channels_max;
    }
  }
  note(host.now(), check_refusal(refusal));
}

void ConnectionScript::end() {
  const EndPlan& planned = *plan().end;
  End& end = end_of(planned.by);
  if (!is_alive(end)) return;
  Endpoint& endpoint = host_of(planned.by).endpoint();
  (planned.is_abort ? was_aborted_ : was_closed_) = true;
  check_refusal_of(planned.by, planned.is_abort ? endpoint.abort(end.handle, 7, "enough")
                                                : endpoint.close(end.handle));
  host_of(planned.by).host().pump();
}

bool ConnectionScript::is_settled(Side side) const {
  const End& end = end_of(side);
  if (is_gone(end)) return true;
  return is_alive(end) && end.waiting.empty() && sent_by(side).open() == 0;
}

void ConnectionScript::close_if_settled() {
  End& client = end_of(Side::client);
  if (!is_alive(client) || due_later_ > 0 || was_closed_) return;
  if (!is_settled(Side::client) || !is_settled(Side::server)) return;
  was_closed_ = true;
  check_refusal_of(Side::client, client_->endpoint().close(client.handle));
  client_->host().pump();
}

void ConnectionScript::on_restart(Side side) {
  if (is_alive(end_of(side))) end_of(side).state = State::vanished;
  end_of(side).seen.reset();
  if (side == Side::server) ghosts_.clear();
}

// ---- What they are told -------------------------------------------------------------------------

void ConnectionScript::on_event(Side side, TimePoint now, ConnectionHandle handle,
                                const Event& event) {
  End& end = end_of(side);
  if (side == Side::server && ghosts_.contains(handle)) return on_ghost_event(now, handle, event);
  if (const auto* connected = std::get_if<ConnectedEvent>(&event.what)) {
    return on_connected(side, now, handle, connected->token);
  }
  if (handle != end.handle || !is_alive(end)) {
    return note(now, disorder("an event of an end that is not there"));
  }
  if (const auto* closed = std::get_if<ClosedEvent>(&event.what)) {
    return on_closed(side, now, *closed);
  }
  if (const auto* receipt = std::get_if<ReceiptEvent>(&event.what)) {
    // A textbook timer takes no account of a queue that grows.
    const bool may_err = plan().config.arq != Arq::selective_repeat;
    if (receipt->outcome == Outcome::lost && !may_err && keeps_datagrams_) {
      note(now, Violation{Invariant::loss, "a message is reported lost, and no datagram was"});
    }
    return note(now, sent_by(side).on_receipt(*receipt));
  }
  if (std::holds_alternative<WritableEvent>(event.what)) {
    if (!std::exchange(end.is_blocked, false)) {
      note(now, disorder("writable, and was not blocked"));
    }
    return flush(side);
  }
  if (end.state != State::open) return note(now, disorder("something came before `connected`"));
  if (const auto* message = std::get_if<MessageEvent>(&event.what)) {
    note(now, sent_by(opposite(side)).on_delivered(*message));
  }
}

void ConnectionScript::on_connected(Side side, TimePoint now, ConnectionHandle handle,
                                    const Buffer& token) {
  End& end = end_of(side);
  const bool is_client_opening = end_of(Side::client).state == State::opening;
  const bool speaks_first = server_->plan().endpoint.accepted.connects_on_accept;
  // A client that outlasts the server's patience asks once more.
  const bool is_second_try = speaks_first && is_client_opening && end.state == State::closed;
  if (side == Side::server && speaks_first && end.state != State::unborn && !is_second_try) {
    ghosts_.insert(handle);
    return;
  }
  const bool is_expected = side == Side::client ? is_client_opening && handle == end.handle
                                                : end.state == State::unborn || is_second_try;
  if (!is_expected) return note(now, disorder("connected a second time"));
  end.state = State::open;
  end.handle = handle;
  if (is_second_try) sent_by(side).on_new_connection();
  if (!token.is_null()) client_->token.assign(token.bytes().begin(), token.bytes().end());
  flush(side);
}

void ConnectionScript::on_ghost_event(TimePoint now, ConnectionHandle handle, const Event& event) {
  const auto* closed = std::get_if<ClosedEvent>(&event.what);
  const bool has_ended =
      closed != nullptr && (!closed->by_peer || closed->reason == CloseReason::stateless_reset);
  if (!has_ended) note(now, disorder("a connection lives whose client never had its ACCEPT"));
  ghosts_.erase(handle);
}

void ConnectionScript::on_closed(Side side, TimePoint now, const ClosedEvent& closed) {
  End& end = end_of(side);
  const EndpointWatch::Seen& seen = host_of(side).watch().of(end.handle);
  const HostPlan& server = server_->plan();
  const End& peer = end_of(opposite(side));
  const bool were_refused = client_->was_refused_memory() || server_->was_refused_memory();
  note(now,
       check_ending(
           {.now = host_of(side).shown_at(now),
            .reason = closed.reason,
            .by_peer = closed.by_peer,
            .handshake_began = seen.handshake_began,
            .last_heard = seen.last_heard,
            .handshake_timeout = side == Side::client ? plan().config.handshake_timeout
                                                      : server.endpoint.accepted.handshake_timeout,
            .idle_timeout = idle_timeout(),
            .is_refused = plan().is_refused,
            .server_may_be_full = server.endpoint.connections_max < 100 ||
                                  server.endpoint.half_open_max < 100 ||
                                  server_->was_refused_memory(),
            .memory_may_end = were_refused,
            .an_application_closed = was_closed_,
            .an_application_aborted = was_aborted_,
            .peer_is_gone = !is_alive(peer) || host_of(opposite(side)).was_restarted(),
            .calm_at =
                host_of(side).shown_at(netsim::EventQueue::kStart + scenario_->calm_at + backlog_),
            .round_trip =
                std::max({calm_round_trip(*scenario_), client_->watch().longest_round_trip(),
                          server_->watch().longest_round_trip()}),
            .was_hindered = is_hindered() || (side == Side::server && !is_alive(peer)),
            .has_left_work = has_work_to_go_on(),
            .lost_with_it = sent_by(side).lost_with_connection()}));
  note(now, sent_by(side).on_sender_closed());
  end.state = State::closed;
  end.seen.reset();  // what it told with its last datagram was not looked at
  end.waiting.clear();
  host_of(side).connections.erase(end.handle);
}

// Whether what the hosts did may keep a handshake from its end, or an end from being found again.
bool ConnectionScript::is_hindered() const {
  const EndpointConfig usual;
  const EndpointConfig& server = server_->plan().endpoint;
  const bool is_full =
      server.connections_max < usual.connections_max || server.half_open_max < usual.half_open_max;
  const bool has_restarted = client_->was_restarted() || server_->was_restarted();
  const bool is_short = client_->was_refused_memory() || server_->was_refused_memory();
  const bool has_odd_clock =
      scenario_->has_fault("clock-jumps") || scenario_->has_fault("clock-freezes");
  return is_full || has_restarted || is_short || has_odd_clock || plan().is_refused ||
         scenario_->is_flooded();
}

bool ConnectionScript::has_left_work(Side side) const {
  const MessageLedger& ledger = sent_by(side);
  return ledger.open() > 0 || ledger.lost_with_connection() > 0 || !end_of(side).waiting.empty();
}

// Whether an end has work that brings it and its peer together again, within the idle timeout.
bool ConnectionScript::has_work_to_go_on() const {
  const ConnectionConfig& client = config_of(Side::client);
  const ConnectionConfig& server = config_of(Side::server);
  // RFC 6298's timer backs off to a minute.
  if (client.timer_mode == TimerMode::rfc6298 || server.timer_mode == TimerMode::rfc6298) {
    return false;
  }
  // Behind a new address nobody finds a client that has nothing to say.
  const bool always_speaks =
      client.keepalive > Duration(0) && client.keepalive * 3 <= idle_timeout();
  const bool is_found = always_speaks || client_->plan().rebinds.empty();
  return has_left_work(Side::client) || (is_found && has_left_work(Side::server));
}

Duration ConnectionScript::idle_timeout() const {
  return smaller_timeout(config_of(Side::client).idle_timeout,
                         config_of(Side::server).idle_timeout);
}

const ConnectionConfig& ConnectionScript::config_of(Side side) const {
  return side == Side::client ? plan().config : server_->plan().endpoint.accepted;
}

ByteCount ConnectionScript::granted_window_of(Side side) const {
  const SwarmHost& host = side == Side::client ? *client_ : *server_;
  return granted_window(config_of(side), host.plan().endpoint.memory_budget);
}

EndLimits ConnectionScript::limits_of(Side side) const {
  const ConnectionConfig& config = config_of(side);
  EndLimits limits{.receive_window = granted_window_of(side),
                   .taken = sent_by(opposite(side)).charge_taken(),
                   .send_buffer = config.send_buffer,
                   .largest_message = largest_message_,
                   .unreliable_reassembly = config.unreliable_reassembly,
                   .send_window = config.send_window};
  // The client's ARQ holds for both directions.
  if (plan().config.arq == Arq::stop_and_wait) limits.send_window = 1;
  return limits;
}

void ConnectionScript::on_inspected(Side side, TimePoint now, const ConnectionInspection& seen) {
  if (seen.unreliable_evicted > 0) end_of(side).has_evicted = true;
  note(now, check_limits(seen, limits_of(side)));
  if (const auto& peer = end_of(opposite(side)).seen) note(now, check_credit(seen, *peer));
  end_of(side).seen = seen;
}

bool ConnectionScript::is_over() const {
  return due_later_ == 0 && is_gone(end_of(Side::client)) && !is_alive(end_of(Side::server));
}

void ConnectionScript::check_end(Duration now) {
  for (const Side from : {Side::client, Side::server}) {
    const Side to = opposite(from);
    const bool survived = !host_of(to).was_restarted();
    const HostPlan& receiver = host_of(to).plan();
    const bool has_room =
        !end_of(to).has_evicted && !host_of(to).was_refused_memory() &&
        receiver.endpoint.memory_budget >= EndpointConfig().memory_budget &&
        config_of(to).unreliable_reassembly >= ConnectionConfig().unreliable_reassembly;
    note(netsim::EventQueue::kStart + now, sent_by(from).on_end(survived, has_room));
  }
}

std::string ConnectionScript::describe_open() const {
  constexpr const char* kStates[] = {"unborn", "opening", "open", "closed", "failed", "vanished"};
  std::string text = fmt::format("connection {}", number_);
  for (const Side side : {Side::client, Side::server}) {
    const End& end = end_of(side);
    text += fmt::format(": {} {}, {} waiting{}, {} without receipt", to_string(side),
                        kStates[static_cast<std::size_t>(end.state)], end.waiting.size(),
                        end.is_blocked ? " (blocked)" : "", sent_by(side).open());
  }
  return text;
}

std::uint64_t ConnectionScript::accepted() const {
  return ledgers_[0].accepted() + ledgers_[1].accepted();
}
std::uint64_t ConnectionScript::delivered() const {
  return ledgers_[0].delivered() + ledgers_[1].delivered();
}

}  // namespace hawser::swarm
