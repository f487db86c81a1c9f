#pragma once
/// The seam between an endpoint's driver and the kernel: one UDP socket that moves whole batches.
///
/// Implementations: `LinuxSocket` and `PortableSocket`; tests put their own in between. Owned by
/// the driver, used on the loop's thread only. A socket drops nothing silently: what the kernel
/// refused is counted.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <system_error>

#include "hawser/endpoint.h"
#include "transport/uv/close_barrier.h"

namespace hawser::rim {

/// UDP payload that one send can carry over IPv4: 65,535 less the IP and UDP headers.
inline constexpr std::size_t kBatchBytesMax = 65'507;

enum class SendStatus : std::uint8_t {
  sent,       ///< the kernel has all of it
  blocked,    ///< its buffer is full; `on_writable` follows, then the rest may be tried again
  too_large,  ///< the first datagram not taken exceeds what the way out carries (EMSGSIZE)
  refused     ///< any other error; the first datagram not taken is counted as refused
};

struct SendResult {
  SendStatus status = SendStatus::sent;
  std::size_t bytes_taken = 0;  ///< from the front of the batch, whole datagrams
  /// With `too_large`: what the way out does carry, as far as the host knows; else 0.
  ByteCount datagram_size_limit{0};
};

class UdpSocket {
 public:
  /// What a socket tells its driver, from the loop and never inside a call of the driver.
  class Listener {
   public:
    virtual ~Listener() = default;
    /// `received.bytes` is valid during the call. `now` was read when the loop woke up for it.
    virtual void on_received(TimePoint now, const Received& received) = 0;
    virtual void on_writable() = 0;
  };

  virtual ~UdpSocket() = default;
  /// Begins to read. `listener` must outlive the socket.
  virtual std::error_code start(Listener& listener) = 0;
  /// Hands `bytes` (all or the rest of a batch) to the kernel. After `blocked` they must stay
  /// unchanged until `on_writable`, and nothing else may be sent until then.
  virtual SendResult send(const Transmit& transmit, std::span<const std::uint8_t> bytes) = 0;
  /// The bound address, with the port that the system chose.
  virtual SocketAddress local_address() const = 0;
  virtual const SocketStats& counters() const = 0;
  /// Within `on_received`: how long what is handed up had lain in the kernel's buffer. Zero where
  /// `SocketOptions::arrival_times` was not asked for, or the system does not tell.
  virtual Duration time_in_buffer() const { return Duration::zero(); }
  /// Whether the socket keeps the loop alive; it does from the start.
  virtual void set_referenced(bool is_referenced) = 0;
  /// Frees the port at once and closes the handles; the object must live until `barrier` opens.
  virtual void close(CloseBarrier& barrier) = 0;
};

struct SocketOptions {
  SocketAddress bind;
  ByteCount buffer{4 << 20};  ///< asked for each direction; the kernel may give less
  // `LinuxSocket` only. Off in tests only: it finds out by itself what the kernel can do.
  bool segmentation_offload = true;
  bool receive_offload = true;
  bool arrival_times = false;  ///< for `time_in_buffer`; costs a look at the clock per read
};

}  // namespace hawser::rim
