#pragma once
/// Two sockets of the seam on one loop, and what came out of the second.

#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

#include "tests/transport/uv/loop_test.h"
#include "transport/uv/udp_socket.h"

namespace hawser::rim {

/// Keeps what a socket tells.
class RecordingListener final : public UdpSocket::Listener {
 public:
  struct Datagram {
    std::vector<std::uint8_t> bytes;
    NetworkPath path;
    Ecn ecn;
  };
  void on_received(TimePoint now, const Received& received) override {
    newest = now;
    ++reads;
    const std::size_t step = std::max<std::size_t>(received.segment_size, 1);
    for (std::size_t at = 0; at == 0 || at < received.bytes.size(); at += step) {
      const auto part = received.bytes.subspan(at, std::min(step, received.bytes.size() - at));
      datagrams.push_back({{part.begin(), part.end()}, received.path, received.ecn});
    }
  }
  void on_writable() override { ++writable_calls; }

  std::vector<Datagram> datagrams;
  TimePoint newest;
  int reads = 0;
  int writable_calls = 0;
};

class SocketTest : public LoopTest {
 protected:
  void TearDown() override {
    close_all();
    LoopTest::TearDown();
  }
  void close_all() {
    for (const auto& socket : kept_) socket->close(barrier_);
    turn_once();
    kept_.clear();
  }
  /// Closes `socket` at the end of the test.
  template <typename Socket>
  Socket& keep(std::unique_ptr<Socket> socket) {
    Socket& kept = *socket;
    kept_.push_back(std::move(socket));
    return kept;
  }
  static SocketAddress address(std::string_view text) { return *SocketAddress::parse(text); }
  static std::vector<std::uint8_t> pattern(std::size_t size) {
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i % 251);
    return bytes;
  }
  /// Sizes of the datagrams that arrived.
  static std::vector<std::size_t> sizes(const RecordingListener& listener) {
    std::vector<std::size_t> all;
    for (const auto& datagram : listener.datagrams) all.push_back(datagram.bytes.size());
    return all;
  }
  /// All arrived bytes, one behind the other.
  static std::vector<std::uint8_t> joined(const RecordingListener& listener) {
    std::vector<std::uint8_t> all;
    for (const auto& datagram : listener.datagrams) {
      all.insert(all.end(), datagram.bytes.begin(), datagram.bytes.end());
    }
    return all;
  }

  RecordingListener sender_events_;
  RecordingListener receiver_events_;
  CloseBarrier barrier_{nullptr};

 private:
  std::vector<std::unique_ptr<UdpSocket>> kept_;
};

}  // namespace hawser::rim
