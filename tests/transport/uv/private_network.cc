#include "tests/transport/uv/private_network.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace hawser::rim {

namespace {

bool ask_of_loopback(unsigned long what, ifreq& request) {
  const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  std::memcpy(request.ifr_name, "lo", sizeof "lo");
  const bool is_done = ioctl(descriptor, what, &request) == 0;
  ::close(descriptor);
  return is_done;
}

}  // namespace

std::unique_ptr<PrivateNetwork> PrivateNetwork::enter() {
  const int outside = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (outside < 0) return nullptr;
  if (unshare(CLONE_NEWNET) != 0) {
    ::close(outside);
    return nullptr;
  }
  std::unique_ptr<PrivateNetwork> network(new PrivateNetwork(outside));
  return network->start_loopback() ? std::move(network) : nullptr;
}

PrivateNetwork::~PrivateNetwork() {
  setns(outside_, CLONE_NEWNET);
  ::close(outside_);
}

bool PrivateNetwork::start_loopback() {
  ifreq request{};
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ask_of_loopback(SIOCSIFFLAGS, request);
}

bool PrivateNetwork::set_mtu(int mtu) {
  ifreq request{};
  request.ifr_mtu = mtu;
  return ask_of_loopback(SIOCSIFMTU, request);
}

}  // namespace hawser::rim
