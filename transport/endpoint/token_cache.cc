#include "transport/endpoint/token_cache.h"

#include <algorithm>

namespace hawser {

void TokenCache::put(const SocketAddress& server, std::span<const std::uint8_t> token) {
  if (token.empty() || token.size() > wire::kTokenSizeMax) return;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].server != server) continue;
    entries_.erase(i);
    break;
  }
  if (entries_.size() == kTokensMax) entries_.pop_front();
  Entry entry{.server = server, .size = token.size()};
  std::copy(token.begin(), token.end(), entry.bytes.begin());
  // Without memory the token is forgotten.
  static_cast<void>(entries_.push_back(entry));
}

std::span<const std::uint8_t> TokenCache::find(const SocketAddress& server) const {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].server == server) return std::span(entries_[i].bytes).first(entries_[i].size);
  }
  return {};
}

}  // namespace hawser
