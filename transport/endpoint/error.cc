#include "hawser/error.h"

#include <string>

#include "hawser/message.h"

namespace hawser {
namespace {

/// One sentence per error: what was wrong, and what to do.
const char* sentence_of(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::would_block:
      return "the send buffer is full; send again after the WritableEvent, or raise send_buffer or "
             "send_messages_max";
    case Errc::not_enough_memory:
      return "the endpoint's memory budget is used up; take and release received messages, or "
             "raise memory_budget";
    case Errc::unknown_connection:
      return "the handle names no open connection of this endpoint; forget it after its "
             "ClosedEvent";
    case Errc::connection_closing:
      return "the connection is closing and takes no more calls; connect anew to go on";
    case Errc::message_too_large:
      return "the message is larger than message_size_max of this side or the peer's accepts; "
             "split it, or raise message_size_max, and the peer's receive_window and memory_budget";
    case Errc::unknown_channel:
      return "the channel is not below the peer's channels_max; use a lower one, or raise it there";
    case Errc::too_many_connections:
      return "the endpoint already has connections_max connections; close one, or raise the limit";
    case Errc::invalid_config:
      return "a configuration value is outside its range; validate() of the configuration names it";
    case Errc::invalid_address:
      return "the address cannot be used; give one as \"192.0.2.1:9000\" or \"[2001:db8::1]:9000\" "
             "with a port that is not 0";
    case Errc::truncated:
      return "the bytes end inside a field; the datagram was cut short or is not ours, drop it";
    case Errc::malformed:
      return "a field has a value that its place forbids; the datagram is damaged or not ours, "
             "drop "
             "it";
    case Errc::bad_checksum:
      return "the checksum does not fit the bytes; the datagram was damaged on its way, drop it";
    case Errc::unknown_version:
      return "the packet is of a protocol version that this library does not speak; update the "
             "older side";
  }
  return "an error number that this version of the library does not know; update it";
}

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "hawser"; }
  std::string message(int value) const override { return sentence_of(static_cast<Errc>(value)); }
};

}  // namespace

const std::error_category& error_category() noexcept {
  static const Category category;
  return category;
}

const char* to_string(CloseReason reason) {
  switch (reason) {
    case CloseReason::none:
      return "none";
    case CloseReason::aborted:
      return "aborted";
    case CloseReason::protocol_error:
      return "protocol_error";
    case CloseReason::flow_control_error:
      return "flow_control_error";
    case CloseReason::integrity_error:
      return "integrity_error";
    case CloseReason::internal_error:
      return "internal_error";
    case CloseReason::out_of_memory:
      return "out_of_memory";
    case CloseReason::refused:
      return "refused";
    case CloseReason::server_full:
      return "server_full";
    case CloseReason::version_mismatch:
      return "version_mismatch";
    case CloseReason::handshake_mismatch:
      return "handshake_mismatch";
    case CloseReason::idle_timeout:
      return "idle_timeout";
    case CloseReason::handshake_timeout:
      return "handshake_timeout";
    case CloseReason::stateless_reset:
      return "stateless_reset";
  }
  return "unknown";  // a newer peer's reason
}

const char* to_string(Delivery delivery) {
  switch (delivery) {
    case Delivery::ordered:
      return "ordered";
    case Delivery::unordered:
      return "unordered";
    case Delivery::unreliable:
      return "unreliable";
  }
  return "unknown";
}

const char* to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::delivered:
      return "delivered";
    case Outcome::lost:
      return "lost";
    case Outcome::connection_lost:
      return "connection_lost";
    case Outcome::refused:
      return "refused";
  }
  return "unknown";
}

}  // namespace hawser
