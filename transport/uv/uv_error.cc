#include "transport/uv/uv_error.h"

#include <string>

#include <uv.h>

namespace hawser::rim {

namespace {

class ResolverCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "resolver"; }
  std::string message(int status) const override {
    return std::string("the host name cannot be resolved (") + uv_strerror(status) +
           "); check its spelling and the name service";
  }
  std::error_condition default_error_condition(int) const noexcept override {
    return std::errc::host_unreachable;
  }
};

// UV_EAI_* lie between these, apart from the negated errno values.
bool is_resolver_code(int status) { return status <= -3000 && status >= -3014; }

}  // namespace

std::error_code uv_error(int status) {
  static const ResolverCategory resolver;
  if (is_resolver_code(status)) return {status, resolver};
  return {-status, std::system_category()};
}

}  // namespace hawser::rim
