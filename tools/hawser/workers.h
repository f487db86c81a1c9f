#pragma once
/// Work that falls into numbered pieces, on several threads.

#include <atomic>
#include <cstddef>
#include <functional>

namespace hawser::cli {

/// The most threads that a user may ask for.
inline constexpr unsigned kJobsMax = 256;

/// Does the piece of that number. Called on any thread, several at a time; a piece that takes long
/// looks at `is_cancelled` and gives up.
using Piece = std::function<void(std::size_t number, const std::atomic<bool>& is_cancelled)>;

/// Does the pieces 0 to `count` - 1, each once, begun in this order, on `jobs` threads (at least 1,
/// asserted); returns when all are done. `goes_on` is asked ten times a second on the calling
/// thread, with the number of pieces done so far; after a no, or when a piece throws, no more are
/// begun. What a piece threw first is thrown again here.
void do_pieces(std::size_t count, unsigned jobs, const Piece& piece,
               const std::function<bool(std::size_t done)>& goes_on);

}  // namespace hawser::cli
