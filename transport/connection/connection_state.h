#pragma once
/// The life of a connection, and its legal moves.
///
///                    ACCEPT / client's answer
///   handshaking ──────────────────────────────> established
///      │  │                                      │      │ close(): nothing new, deliver the queue
///      │  │                                      │      v
///      │  │                                      │   flushing
///      │  │ abort, fatal error                   │      │ all settled; abort; fatal error
///      │  └────────────────────────> closing <───┴──────┤   (CLOSE was sent; repeated on demand)
///      │ CLOSE or REFUSE came                           │
///      ├───────────────────────────> draining <─────────┤   (CLOSE came, also in closing; silent)
///      │ timeouts, reset                                │
///      └───────────────────────────> closed <───────────┘   (also from closing and draining,
///                                                            three probe timeouts later)
///
/// A server that `connects_on_accept` is established when its ACCEPT leaves; whether the client has
/// answered is told by `Handshake::is_confirmed`.
///
/// The `ClosedEvent` is queued when closing, draining or closed is entered, whichever comes first.

#include <cstdint>
#include <string_view>

namespace hawser {

enum class ConnectionState : std::uint8_t {
  handshaking,
  established,
  flushing,
  closing,
  draining,
  closed
};

constexpr std::string_view to_string(ConnectionState state) {
  constexpr std::string_view kNames[] = {"handshaking", "established", "flushing",
                                         "closing",     "draining",    "closed"};
  return kNames[static_cast<std::size_t>(state)];
}

constexpr bool is_legal_move(ConnectionState from, ConnectionState to) {
  using enum ConnectionState;
  switch (to) {
    case handshaking:
      return false;
    case established:
      return from == handshaking;
    case flushing:
      return from == established;
    case closing:
      return from == handshaking || from == established || from == flushing;
    case draining:
      return from != draining && from != closed;
    case closed:
      return from != closed;
  }
  return false;
}

/// Whether data packets are exchanged.
constexpr bool is_open(ConnectionState state) {
  return state == ConnectionState::established || state == ConnectionState::flushing;
}
/// Whether the ClosedEvent has been queued.
constexpr bool is_over(ConnectionState state) { return state >= ConnectionState::closing; }

}  // namespace hawser
