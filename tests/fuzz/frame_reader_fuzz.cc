// Any payload of a data packet: its frames are decoded, and encoded again.
#include <cstddef>
#include <cstdint>

#include "tests/transport/wire/decode_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hawser::wire::samples::decode_and_check_frames({data, size});
  return 0;
}
