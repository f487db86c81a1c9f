#pragma once
// A small request/reply service: a client asks for the value of a key. Written against the verbs
// that UvEndpoint and the simulator's EndpointHost share, so that the same code runs on both.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "hawser/endpoint.h"

// Requests are "NUMBER KEY", answers "NUMBER VALUE".
struct LookupMessage {
  std::uint64_t number = 0;
  std::string text;

  static LookupMessage parse(const hawser::Buffer& buffer) {
    const auto bytes = buffer.bytes();
    const std::string all(bytes.begin(), bytes.end());
    const std::size_t space = all.find(' ');
    if (space == std::string::npos) return {};
    return {std::strtoull(all.c_str(), nullptr, 10), all.substr(space + 1)};
  }
  template <typename Endpoint>
  bool send(Endpoint& endpoint, hawser::ConnectionHandle connection) const {
    const std::string all = std::to_string(number) + " " + text;
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(all.data()), all.size());
    return endpoint.send(connection, bytes).has_value();
  }
};

template <typename Endpoint>
class LookupServer {
 public:
  LookupServer(Endpoint& endpoint, std::map<std::string, std::string> values)
      : endpoint_(endpoint), values_(std::move(values)) {}

  void on_event(hawser::Event& event) {
    const auto* message = std::get_if<hawser::MessageEvent>(&event.what);
    if (!message) return;
    LookupMessage request = LookupMessage::parse(message->bytes);
    const LookupMessage answer{request.number, values_[request.text]};
    if (!answer.send(endpoint_, event.connection)) endpoint_.abort(event.connection);
  }

 private:
  Endpoint& endpoint_;
  std::map<std::string, std::string> values_;
};

template <typename Endpoint>
class LookupClient {
 public:
  using Answer = std::function<void(const std::string& value)>;

  LookupClient(Endpoint& endpoint, const hawser::SocketAddress& server) : endpoint_(endpoint) {
    const auto connection = endpoint.connect({.remote = server});
    if (connection) connection_ = *connection;
  }
  // Calls `answer` once, unless the connection ends before.
  void ask(const std::string& key, Answer answer) {
    const LookupMessage request{next_++, key};
    if (request.send(endpoint_, connection_)) pending_[request.number] = std::move(answer);
  }
  void on_event(hawser::Event& event) {
    const auto* message = std::get_if<hawser::MessageEvent>(&event.what);
    if (!message) return;
    const LookupMessage reply = LookupMessage::parse(message->bytes);
    auto found = pending_.extract(reply.number);
    if (found) found.mapped()(reply.text);
  }

 private:
  Endpoint& endpoint_;
  hawser::ConnectionHandle connection_ = hawser::ConnectionHandle::none;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, Answer> pending_;
};
