#pragma once
/// libuv's status codes as `std::error_code`.

#include <system_error>

namespace hawser::rim {

/// `status` must be negative. Comparable with `std::errc`; the resolver's codes (UV_EAI_*) compare
/// with `std::errc::host_unreachable`. `message()` is one sentence.
std::error_code uv_error(int status);

}  // namespace hawser::rim
