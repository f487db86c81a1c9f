#include "transport/uv/linux_socket.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "hawser/assert.h"
#include "transport/uv/monotonic_clock.h"
#include "transport/uv/path_mtu.h"
#include "transport/uv/uv_error.h"

namespace hawser::rim {

namespace {

using Family = SocketAddress::Family;

std::uint64_t datagrams_in(std::size_t bytes, std::size_t segment_size) {
  return (bytes + segment_size - 1) / segment_size;
}

bool set_option(int descriptor, int level, int name, int value) {
  return setsockopt(descriptor, level, name, &value, sizeof value) == 0;
}

/// The forced form passes the system-wide limit where we may; the plain one is cut to it.
void ask_for_buffer(int descriptor, int forced_name, int name, ByteCount size) {
  const int value = static_cast<int>(std::min<std::int64_t>(size.value(), INT32_MAX / 2));
  if (!set_option(descriptor, SOL_SOCKET, forced_name, value)) {
    set_option(descriptor, SOL_SOCKET, name, value);
  }
}

SendStatus status_of(int error) {
  switch (error) {
    case 0:
      return SendStatus::sent;
    case EAGAIN:
    case EINTR:
      return SendStatus::blocked;
    case EMSGSIZE:
      return SendStatus::too_large;
    default:
      return SendStatus::refused;
  }
}

/// What the kernel may say of a source address that this host does not have, or not on that way
/// out. Not all errors: a packet filter's EPERM must not move the connection to another address.
bool may_be_of_the_source(int error) {
  return error == EINVAL || error == EADDRNOTAVAIL || error == ENODEV || error == ENETUNREACH ||
         error == EHOSTUNREACH;
}

/// The clock on which the kernel notes arrivals.
Duration real_time() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

LinuxSocket::LinuxSocket(int descriptor) : descriptor_(descriptor) {}

LinuxSocket::~LinuxSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::unique_ptr<LinuxSocket>> LinuxSocket::open(uv_loop_t* loop,
                                                       const SocketOptions& options) {
  const int domain = options.bind.family == Family::ipv6 ? AF_INET6 : AF_INET;
  const int descriptor = ::socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return uv_error(-errno);
  std::unique_ptr<LinuxSocket> socket(new LinuxSocket(descriptor));
  if (const std::error_code error = socket->set_up(options)) return error;
  // Last, so that no handle is left to close when something else failed.
  if (const int error = uv_poll_init(loop, &socket->poll_, descriptor); error != 0) {
    return uv_error(error);
  }
  socket->poll_.data = socket.get();
  socket->has_poll_ = true;
  return socket;
}

std::error_code LinuxSocket::set_up(const SocketOptions& options) {
  const bool is_ipv6 = options.bind.family == Family::ipv6;
  if (is_ipv6) {
    set_option(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, is_wildcard(options.bind) ? 0 : 1);
  }
  const SystemAddress name = to_system(options.bind, options.bind.family);
  if (::bind(descriptor_, name.get(), name.size) != 0) return uv_error(-errno);
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (getsockname(descriptor_, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return uv_error(-errno);
  }
  local_ = from_system(reinterpret_cast<const sockaddr*>(&bound));

  ask_for_buffer(descriptor_, SO_RCVBUFFORCE, SO_RCVBUF, options.buffer);
  ask_for_buffer(descriptor_, SO_SNDBUFFORCE, SO_SNDBUF, options.buffer);
  forbid_fragments(descriptor_, is_ipv6);
  ask_for_control(is_ipv6);
  has_segmentation_offload_ =
      options.segmentation_offload && set_option(descriptor_, IPPROTO_UDP, UDP_SEGMENT, 0);
  has_receive_offload_ =
      options.receive_offload && set_option(descriptor_, IPPROTO_UDP, UDP_GRO, 1);
  has_arrival_times_ =
      options.arrival_times && set_option(descriptor_, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  prepare_reads();
  return {};
}

void LinuxSocket::ask_for_control(bool is_ipv6) {
  // An IPv6 socket serves IPv4 too and then gives IPv4's messages, so it asks for both.
  set_option(descriptor_, IPPROTO_IP, IP_RECVTOS, 1);
  if (!is_ipv6) {
    set_option(descriptor_, IPPROTO_IP, IP_PKTINFO, 1);
    return;
  }
  set_option(descriptor_, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
  set_option(descriptor_, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

void LinuxSocket::prepare_reads() {
  // Not cleared: pages that no datagram ever reaches are never touched.
  read_bytes_ = std::make_unique_for_overwrite<std::uint8_t[]>(kReadSlots * kSlotBytes);
  for (std::size_t i = 0; i < kReadSlots; ++i) {
    read_vectors_[i] = {read_bytes_.get() + i * kSlotBytes, kSlotBytes};
    msghdr& header = reads_[i].msg_hdr;
    header.msg_iov = &read_vectors_[i];
    header.msg_iovlen = 1;
    header.msg_name = &read_names_[i];
    header.msg_control = read_controls_[i].bytes.data();
  }
}

std::error_code LinuxSocket::start(Listener& listener) {
  listener_ = &listener;
  return poll_for(UV_READABLE);
}

std::error_code LinuxSocket::poll_for(int events) {
  const int error = uv_poll_start(&poll_, events, [](uv_poll_t* poll, int status, int ready) {
    static_cast<LinuxSocket*>(poll->data)->on_poll(status, ready);
  });
  return error == 0 ? std::error_code{} : uv_error(error);
}

void LinuxSocket::on_poll(int status, int events) {
  // libuv stops a handle whose socket reports an error; ours clears the error and goes on.
  if (status < 0) clear_socket_error();
  if ((events & UV_READABLE) != 0) read_batch();
  if ((events & UV_WRITABLE) != 0 || status < 0) {
    poll_for(UV_READABLE);
    listener_->on_writable();
  }
}

void LinuxSocket::clear_socket_error() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
  ++counters_.receive_errors;
}

void LinuxSocket::read_batch() {
  for (std::size_t i = 0; i < kReadSlots; ++i) {
    // The kernel writes the lengths over what it was offered.
    reads_[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    reads_[i].msg_hdr.msg_controllen = sizeof(ControlSpace);
  }
  const int count = recvmmsg(descriptor_, reads_.data(), kReadSlots, 0, nullptr);
  ++counters_.receive_calls;
  if (count < 0) {
    // Such as the answer to a datagram that nobody awaited; the next wake-up reads on.
    if (errno != EAGAIN && errno != EINTR) ++counters_.receive_errors;
    return;
  }
  const TimePoint now = monotonic_now();
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) hand_up(now, i);
}

void LinuxSocket::hand_up(TimePoint now, std::size_t slot) {
  const msghdr& header = reads_[slot].msg_hdr;
  // Without all that goes beside it a joined read cannot be told from one datagram.
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
    ++counters_.receive_truncated;
    return;
  }
  const std::size_t size = reads_[slot].msg_len;
  const ReceiveControl control = read_control(header);
  Received received;
  received.bytes = {read_bytes_.get() + slot * kSlotBytes, size};
  received.segment_size = control.segment_size > 0 ? std::min(control.segment_size, size) : size;
  received.path.remote = from_system(reinterpret_cast<const sockaddr*>(&read_names_[slot]));
  received.path.local = control.local;
  received.path.local.port = control.local.family == Family::none ? 0 : local_.port;
  received.ecn = control.ecn;
  // That clock may be set back in between.
  time_in_buffer_ = has_arrival_times_ && control.arrival
                        ? std::max(real_time() - *control.arrival, Duration::zero())
                        : Duration::zero();
  counters_.datagrams_received += size == 0 ? 1 : datagrams_in(size, received.segment_size);
  listener_->on_received(now, received);
}

SendResult LinuxSocket::send(const Transmit& transmit, std::span<const std::uint8_t> bytes) {
  HAWSER_ASSERT(!bytes.empty() && transmit.segment_size > 0);
  Attempt attempt = try_send(transmit, bytes);
  if (may_be_of_the_source(attempt.error) && transmit.path.local.family != Family::none) {
    // Perhaps the address that the peer knows us by is gone from this host: leave from another one,
    // and let the peer notice the change of path.
    Transmit unpinned = transmit;
    unpinned.path.local = {};
    const std::size_t taken = attempt.bytes_taken;
    attempt = try_send(unpinned, bytes.subspan(taken));
    attempt.bytes_taken += taken;
    if (attempt.error == 0) ++counters_.source_refusals;
  }
  counters_.datagrams_sent += datagrams_in(attempt.bytes_taken, transmit.segment_size);
  SendResult result{.status = status_of(attempt.error), .bytes_taken = attempt.bytes_taken};
  if (result.status == SendStatus::refused) ++counters_.sends_refused;
  if (result.status == SendStatus::too_large) {
    ++counters_.sends_too_large;
    result.datagram_size_limit = datagram_size_limit(transmit.path.remote);
  }
  if (result.status == SendStatus::blocked) {
    ++counters_.sends_blocked;
    poll_for(UV_READABLE | UV_WRITABLE);
  }
  return result;
}

LinuxSocket::Attempt LinuxSocket::try_send(const Transmit& transmit,
                                           std::span<const std::uint8_t> bytes) {
  const bool is_batch = bytes.size() > transmit.segment_size;
  if (is_batch && !has_segmentation_offload_) return send_separately(transmit, bytes);
  const int error = send_whole(transmit, bytes, is_batch ? transmit.segment_size : 0);
  const bool is_in_doubt = is_batch && (error == EIO || error == EINVAL);
  if (!is_in_doubt) return {.error = error, .bytes_taken = error == 0 ? bytes.size() : 0};
  // Either the way out cannot cut batches, or the kernel (before 6.13) says so of datagrams that
  // are too large, or of a source address: the datagrams by themselves tell.
  const Attempt attempt = send_separately(transmit, bytes);
  if (attempt.error == 0) {
    has_segmentation_offload_ = false;
    ++counters_.offload_refusals;
  }
  return attempt;
}

int LinuxSocket::send_whole(const Transmit& transmit, std::span<const std::uint8_t> bytes,
                            std::size_t segment_size) {
  SystemAddress name = to_system(transmit.path.remote, local_.family);
  iovec vector{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_name = &name.storage;
  message.msg_namelen = name.size;
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  ControlSpace control;
  write_control({.remote = transmit.path.remote.family,
                 .local = transmit.path.local,
                 .ecn = transmit.ecn,
                 .segment_size = segment_size},
                control, message);
  ++counters_.send_calls;
  return sendmsg(descriptor_, &message, 0) < 0 ? errno : 0;
}

LinuxSocket::Attempt LinuxSocket::send_separately(const Transmit& transmit,
                                                  std::span<const std::uint8_t> bytes) {
  SystemAddress name = to_system(transmit.path.remote, local_.family);
  msghdr common{};
  common.msg_name = &name.storage;
  common.msg_namelen = name.size;
  common.msg_iovlen = 1;
  ControlSpace control;
  write_control({.remote = transmit.path.remote.family,
                 .local = transmit.path.local,
                 .ecn = transmit.ecn,
                 .segment_size = 0},
                control, common);
  std::array<iovec, kSendSlots> vectors;
  std::array<mmsghdr, kSendSlots> messages;
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    unsigned count = 0;
    for (std::size_t at = taken; at < bytes.size() && count < kSendSlots; ++count) {
      const std::size_t size = std::min(transmit.segment_size, bytes.size() - at);
      vectors[count] = {const_cast<std::uint8_t*>(bytes.data()) + at, size};
      messages[count] = {common, 0};
      messages[count].msg_hdr.msg_iov = &vectors[count];
      at += size;
    }
    ++counters_.send_calls;
    const int sent = sendmmsg(descriptor_, messages.data(), count, 0);
    if (sent < 0) return {.error = errno, .bytes_taken = taken};
    // After fewer than `count` the next call tells what stopped the kernel.
    taken = std::min(taken + static_cast<std::size_t>(sent) * transmit.segment_size, bytes.size());
  }
  return {.error = 0, .bytes_taken = taken};
}

void LinuxSocket::set_referenced(bool is_referenced) {
  auto* handle = reinterpret_cast<uv_handle_t*>(&poll_);
  is_referenced ? uv_ref(handle) : uv_unref(handle);
}

void LinuxSocket::close(CloseBarrier& barrier) {
  if (has_poll_) barrier.close(poll_);
  ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace hawser::rim
