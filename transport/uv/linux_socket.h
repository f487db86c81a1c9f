#pragma once
/// The batched UDP socket of Linux: segmentation offload, many reads per call, ECN and the local
/// address with every datagram. What the kernel cannot do is found out at run time and done
/// without.
///
/// Owned by the driver; on the loop's thread only.

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include <uv.h>

#include "hawser/result.h"
#include "transport/uv/control_messages.h"
#include "transport/uv/system_address.h"
#include "transport/uv/udp_socket.h"

namespace hawser::rim {

class LinuxSocket final : public UdpSocket {
 public:
  /// Opens, sets up and binds a socket. Errors: the system's (`address_in_use`, ...).
  static Result<std::unique_ptr<LinuxSocket>> open(uv_loop_t* loop, const SocketOptions& options);
  ~LinuxSocket() override;
  LinuxSocket(const LinuxSocket&) = delete;
  LinuxSocket& operator=(const LinuxSocket&) = delete;

  std::error_code start(Listener& listener) override;
  SendResult send(const Transmit& transmit, std::span<const std::uint8_t> bytes) override;
  SocketAddress local_address() const override { return local_; }
  const SocketStats& counters() const override { return counters_; }
  Duration time_in_buffer() const override { return time_in_buffer_; }
  void set_referenced(bool is_referenced) override;
  void close(CloseBarrier& barrier) override;

  /// Whether batches leave in one segmented send. Off once the kernel refused one.
  bool has_segmentation_offload() const { return has_segmentation_offload_; }
  bool has_receive_offload() const { return has_receive_offload_; }
  int descriptor() const { return descriptor_; }

 private:
  // One read per wake-up takes this many buffers, each of up to 64 KiB of joined datagrams: large
  // enough to share the cost of a wake-up, small enough that sending is not held up for long.
  static constexpr std::size_t kReadSlots = 16;
  static constexpr std::size_t kSlotBytes = 65'536;
  static constexpr std::size_t kSendSlots = 64;

  /// How far the kernel got with a batch, and the errno value of what stopped it; 0 if nothing did.
  struct Attempt {
    int error = 0;
    std::size_t bytes_taken = 0;
  };

  explicit LinuxSocket(int descriptor);
  std::error_code set_up(const SocketOptions& options);
  void ask_for_control(bool is_ipv6);
  void prepare_reads();
  std::error_code poll_for(int events);
  void on_poll(int status, int events);
  void read_batch();
  void hand_up(TimePoint now, std::size_t slot);
  void clear_socket_error();
  Attempt try_send(const Transmit& transmit, std::span<const std::uint8_t> bytes);
  int send_whole(const Transmit& transmit, std::span<const std::uint8_t> bytes,
                 std::size_t segment_size);
  Attempt send_separately(const Transmit& transmit, std::span<const std::uint8_t> bytes);

  int descriptor_;
  SocketAddress local_;
  bool has_segmentation_offload_ = false;
  bool has_receive_offload_ = false;
  bool has_arrival_times_ = false;
  Duration time_in_buffer_{0};  // of what is being handed up
  Listener* listener_ = nullptr;
  uv_poll_t poll_{};
  bool has_poll_ = false;
  SocketStats counters_;

  std::unique_ptr<std::uint8_t[]> read_bytes_;
  std::array<mmsghdr, kReadSlots> reads_{};
  std::array<iovec, kReadSlots> read_vectors_{};
  std::array<sockaddr_storage, kReadSlots> read_names_{};
  std::array<ControlSpace, kReadSlots> read_controls_;
};

}  // namespace hawser::rim
