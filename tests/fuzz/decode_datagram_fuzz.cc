// Any datagram: packets, handshake bodies and frames are decoded, and encoded again. Checksums are
// computed but not judged, for a fuzzer cannot guess them and would never come further.
#include <cstddef>
#include <cstdint>
#include <span>

#include "hawser/units.h"
#include "tests/transport/wire/decode_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t id_size = data[0] % (hawser::ConnectionId::kSizeMax + 1);
  hawser::wire::samples::decode_and_check({data + 1, size - 1}, id_size);
  return 0;
}
