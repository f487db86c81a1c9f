// What a user's first program needs: a header with code of its own and a symbol of the library.

#include <array>
#include <cstdint>
#include <cstdio>
#include <system_error>

#include "hawser/buffer.h"
#include "hawser/error.h"
#include "hawser/memory_pool.h"

int main() {
  hawser::MemoryPool pool;
  const std::array<std::uint8_t, 3> bytes{1, 2, 3};
  const hawser::Buffer buffer = hawser::Buffer::copy_of(pool, bytes);
  const std::error_code refusal = hawser::Errc::would_block;
  if (buffer.is_null() || refusal.message().empty()) return 1;
  std::printf("consumer: %zu bytes kept, would_block refused\n", buffer.size());
}
