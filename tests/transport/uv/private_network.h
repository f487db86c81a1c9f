#pragma once
/// A network of the test's own, with nothing in it but loopback, whose MTU the test may set.
///
/// The calling thread lives in it until the object is gone; needs the right to (root). Linux.

#include <memory>

namespace hawser::rim {

class PrivateNetwork {
 public:
  /// Nothing if the system does not allow it.
  static std::unique_ptr<PrivateNetwork> enter();
  ~PrivateNetwork();
  PrivateNetwork(const PrivateNetwork&) = delete;
  PrivateNetwork& operator=(const PrivateNetwork&) = delete;

  /// In bytes of IP packets; IPv6 needs at least 1280 (RFC 8200 s5).
  [[nodiscard]] bool set_mtu(int mtu);

 private:
  explicit PrivateNetwork(int outside) : outside_(outside) {}
  bool start_loopback();

  int outside_;  // the network to go back to
};

}  // namespace hawser::rim
