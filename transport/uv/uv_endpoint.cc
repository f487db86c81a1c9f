#include "hawser/uv_endpoint.h"

#include <utility>

#include "transport/uv/driver_parts.h"
#include "transport/uv/uv_endpoint_impl.h"

namespace hawser {

Result<std::unique_ptr<UvEndpoint>> UvEndpoint::create(uv_loop_s* loop, UvEndpointConfig config,
                                                       EventHandler on_event) {
  const Result<rim::DriverParts> parts = rim::parts_of(config.driver);
  if (!parts) return parts.error();
  return Impl::create(loop, std::move(config), std::move(on_event), *parts);
}

UvEndpoint::UvEndpoint(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

UvEndpoint::~UvEndpoint() { impl_.release()->orphan(); }

Result<ConnectionHandle> UvEndpoint::connect(const ConnectOptions& options) {
  return impl_->connect(options);
}

Result<MessageId> UvEndpoint::send(ConnectionHandle connection, Buffer message,
                                   const SendOptions& options) {
  return impl_->send(connection, std::move(message), options);
}

Result<MessageId> UvEndpoint::send(ConnectionHandle connection, std::span<const std::uint8_t> bytes,
                                   const SendOptions& options) {
  return impl_->send(connection, bytes, options);
}

std::error_code UvEndpoint::close(ConnectionHandle connection) { return impl_->close(connection); }

std::error_code UvEndpoint::abort(ConnectionHandle connection, std::uint64_t code,
                                  std::string_view phrase) {
  return impl_->abort(connection, code, phrase);
}

void UvEndpoint::stop_accepting() { impl_->stop_accepting(); }

Result<ConnectionStats> UvEndpoint::stats(ConnectionHandle connection) const {
  return impl_->endpoint().stats(connection);
}

EndpointStats UvEndpoint::stats() const { return impl_->endpoint().stats(); }

SocketStats UvEndpoint::socket_stats() const { return impl_->socket_stats(); }

MemoryPool& UvEndpoint::pool() { return impl_->pool(); }

bool UvEndpoint::connect_to(std::string_view host_and_port, ConnectionConfig config,
                            std::function<void(Result<ConnectionHandle>)> done) {
  return impl_->connect_to(host_and_port, std::move(config), std::move(done));
}

bool UvEndpoint::post(std::function<void()> task) { return impl_->post(std::move(task)); }

SocketAddress UvEndpoint::local_address() const { return impl_->local_address(); }

UvDriver UvEndpoint::driver() const { return impl_->driver(); }

void UvEndpoint::close(std::function<void()> done) { impl_->close(std::move(done)); }

}  // namespace hawser
