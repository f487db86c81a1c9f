#include "transport/uv/path_mtu.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "transport/uv/system_address.h"

namespace hawser::rim {

void forbid_fragments(int descriptor, bool is_ipv6) {
  // Report what is too large for the way out, but do not believe ICMP's claims about the path,
  // which anybody can forge (RFC 9000 s14.2.1): Linux's PROBE does both.
  const auto set = [descriptor](int level, int name, int value) {
    setsockopt(descriptor, level, name, &value, sizeof value);
  };
#if defined(IP_MTU_DISCOVER)
  set(IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
#elif defined(IP_DONTFRAG)
  set(IPPROTO_IP, IP_DONTFRAG, 1);
#endif
  if (!is_ipv6) return;
#if defined(IPV6_MTU_DISCOVER)
  set(IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
#elif defined(IPV6_DONTFRAG)
  set(IPPROTO_IPV6, IPV6_DONTFRAG, 1);
#endif
}

#if defined(IP_MTU)

ByteCount datagram_size_limit(const SocketAddress& remote) {
  const bool is_ipv6 = remote.family == SocketAddress::Family::ipv6;
  // Only a connected socket tells (ip(7), IP_MTU); ours serves many peers, so another one asks.
  const int descriptor = ::socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return ByteCount(0);
  const SystemAddress name = to_system(remote, remote.family);
  int mtu = 0;
  socklen_t size = sizeof mtu;
  const bool is_known = ::connect(descriptor, name.get(), name.size) == 0 &&
                        getsockopt(descriptor, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
                                   is_ipv6 ? IPV6_MTU : IP_MTU, &mtu, &size) == 0;
  ::close(descriptor);
  const int headers = is_ipv6 ? 40 + 8 : 20 + 8;
  return ByteCount(is_known ? std::max(mtu - headers, 0) : 0);
}

#else

ByteCount datagram_size_limit(const SocketAddress&) { return ByteCount(0); }

#endif

}  // namespace hawser::rim
