#include "transport/endpoint/token_cache.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace hawser {
namespace {

SocketAddress server(std::uint16_t port) { return SocketAddress::ipv4({192, 0, 2, 1}, port); }

bool holds(const TokenCache& cache, const SocketAddress& address,
           const std::vector<std::uint8_t>& token) {
  return std::ranges::equal(cache.find(address), token);
}

TEST(TokenCacheTest, RemembersTheLatestTokenOfAnAddress) {
  MemoryPool pool;
  TokenCache cache(pool);
  EXPECT_TRUE(cache.find(server(1)).empty());
  cache.put(server(1), std::vector<std::uint8_t>{1, 2, 3});
  cache.put(server(2), std::vector<std::uint8_t>{4});
  cache.put(server(1), std::vector<std::uint8_t>{5, 6});
  EXPECT_TRUE(holds(cache, server(1), {5, 6}));
  EXPECT_TRUE(holds(cache, server(2), {4}));
  EXPECT_TRUE(cache.find(server(3)).empty());
}

TEST(TokenCacheTest, IgnoresWhatIsNoToken) {
  MemoryPool pool;
  TokenCache cache(pool);
  cache.put(server(1), {});
  cache.put(server(1), std::vector<std::uint8_t>(wire::kTokenSizeMax + 1));
  EXPECT_TRUE(cache.find(server(1)).empty());
  cache.put(server(1), std::vector<std::uint8_t>(wire::kTokenSizeMax));
  EXPECT_EQ(cache.find(server(1)).size(), wire::kTokenSizeMax);
}

TEST(TokenCacheTest, ForgetsTheOldestAddressBeyondItsBound) {
  MemoryPool pool;
  TokenCache cache(pool);
  for (std::uint16_t port = 0; port < 1000; ++port) {
    cache.put(server(port), std::vector<std::uint8_t>{static_cast<std::uint8_t>(port)});
  }
  EXPECT_TRUE(cache.find(server(1000 - TokenCache::kTokensMax - 1)).empty());
  EXPECT_EQ(cache.find(server(1000 - TokenCache::kTokensMax)).size(), 1U);
  EXPECT_EQ(cache.find(server(999)).size(), 1U);
}

TEST(TokenCacheTest, WithoutMemoryItForgets) {
  MemoryPool pool(ByteCount(32));
  TokenCache cache(pool);
  cache.put(server(1), std::vector<std::uint8_t>{1});
  EXPECT_TRUE(cache.find(server(1)).empty());
}

}  // namespace
}  // namespace hawser
