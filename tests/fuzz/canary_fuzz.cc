// A target with a planted defect, as deep as real ones lie: it dies of a SKIP of exactly three
// ranges behind another frame. A fuzzer must find it within a minute, a replay must notice it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "transport/wire/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hawser::wire::FrameReader reader({data, size});
  for (int position = 0; !reader.at_end(); ++position) {
    const auto frame = reader.next();
    if (!frame) break;
    const auto* skip = std::get_if<hawser::wire::SkipFrame>(&*frame);
    if (skip != nullptr && skip->count == 3 && position > 0) std::abort();
  }
  return 0;
}
