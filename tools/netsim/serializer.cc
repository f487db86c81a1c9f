#include "tools/netsim/serializer.h"

#include "hawser/assert.h"

namespace hawser::netsim {

void Serializer::configure(Bandwidth rate) {
  HAWSER_ASSERT(!rate.is_zero());
  rate_ = rate;
}

TimePoint Serializer::send(TimePoint start, ByteCount wire_size) {
  HAWSER_ASSERT(is_free(start));
  free_at_ = end_of(start, wire_size);
  return free_at_;
}

}  // namespace hawser::netsim
