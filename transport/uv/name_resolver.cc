#include "transport/uv/name_resolver.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "hawser/assert.h"
#include "transport/uv/system_address.h"
#include "transport/uv/uv_error.h"

namespace hawser::rim {

namespace {

struct HostAndPort {
  std::string host;
  std::string port;
};

std::optional<HostAndPort> split(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) {
    return std::nullopt;
  }
  std::string_view host = text.substr(0, colon);
  // An IPv6 address stands in brackets, perhaps with a named scope: "[fe80::1%eth0]:9000".
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return HostAndPort{std::string(host), std::string(text.substr(colon + 1))};
}

int family_for(const SocketAddress& local) {
  if (local.family == SocketAddress::Family::ipv4) return AF_INET;
  return is_wildcard(local) ? AF_UNSPEC : AF_INET6;
}

}  // namespace

struct NameResolver::Lookup {
  NameResolver* owner;
  Done done;
  uv_getaddrinfo_t request{};
};

NameResolver::NameResolver(uv_loop_t* loop, const SocketAddress& local)
    : loop_(loop), local_(local) {}

NameResolver::~NameResolver() = default;

std::error_code NameResolver::resolve(std::string_view host_and_port, Done done) {
  HAWSER_ASSERT(barrier_ == nullptr);
  const std::optional<HostAndPort> name = split(host_and_port);
  if (!name) return make_error_code(Errc::invalid_address);
  addrinfo hints{};
  hints.ai_family = family_for(local_);
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICSERV;
  auto lookup = std::make_unique<Lookup>(Lookup{this, std::move(done)});
  lookup->request.data = lookup.get();
  const auto on_found = [](uv_getaddrinfo_t* request, int status, addrinfo* found) {
    auto* finished = static_cast<Lookup*>(request->data);
    finished->owner->finish(*finished, status, found);
  };
  const int error = uv_getaddrinfo(loop_, &lookup->request, on_found, name->host.c_str(),
                                   name->port.c_str(), &hints);
  if (error != 0) return uv_error(error);
  lookups_.push_back(std::move(lookup));
  return {};
}

void NameResolver::finish(Lookup& lookup, int status, addrinfo* found) {
  const Done done = std::move(lookup.done);
  std::erase_if(lookups_, [&](const auto& other) { return other.get() == &lookup; });
  const SocketAddress address = status == 0 ? from_system(found->ai_addr) : SocketAddress{};
  uv_freeaddrinfo(found);
  CloseBarrier* const barrier = barrier_;
  if (!done) {
    // Forgotten.
  } else if (barrier != nullptr) {
    done(Errc::connection_closing);
  } else if (status != 0) {
    done(uv_error(status));
  } else {
    done(address);
  }
  // Last: it may end this object.
  if (barrier != nullptr) barrier->leave();
}

void NameResolver::close(CloseBarrier& barrier) {
  barrier_ = &barrier;
  for (const auto& lookup : lookups_) {
    barrier.enter();
    // One that a worker has begun cannot be cancelled; it ends by itself and is then ignored.
    uv_cancel(reinterpret_cast<uv_req_t*>(&lookup->request));
  }
}

void NameResolver::forget() {
  for (const auto& lookup : lookups_) lookup->done = nullptr;
}

}  // namespace hawser::rim
