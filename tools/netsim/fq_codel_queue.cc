#include "tools/netsim/fq_codel_queue.h"

#include <algorithm>
#include <array>

#include "hawser/assert.h"

namespace hawser::netsim {
namespace {

// The finaliser of SplitMix64: every bit of the state reaches every bit of the result.
std::uint64_t mix(std::uint64_t state, std::uint64_t word) {
  state = (state ^ word) * 0xBF58476D1CE4E5B9ULL;
  state = (state ^ (state >> 27)) * 0x94D049BB133111EBULL;
  return state ^ (state >> 31);
}

std::uint64_t mix(std::uint64_t state, const SocketAddress& address) {
  // Put together from bytes: the same on every platform.
  std::array<std::uint64_t, 2> words{};
  for (std::size_t i = 0; i < address.ip.size(); ++i) {
    words[i / 8] = words[i / 8] << 8 | address.ip[i];
  }
  return mix(mix(mix(state, words[0]), words[1]), address.port);
}

}  // namespace

FqCodelQueue::FqCodelQueue(const FqCodel& config, SeededRandom random)
    : config_(config), salt_(random.next()), flows_(config.queues) {
  HAWSER_ASSERT(config.queues >= 1 && config.queues <= FqCodel::kQueuesMax);
  HAWSER_ASSERT(config.quantum > ByteCount(0) && config.codel.interval > Duration::zero());
}

std::uint32_t FqCodelQueue::index_of(const Datagram& datagram) const {
  const std::uint64_t hash = mix(mix(salt_, datagram.source), datagram.destination);
  return static_cast<std::uint32_t>(hash % config_.queues);
}

void FqCodelQueue::push(QueuedDatagram&& queued) {
  std::uint32_t index = index_of(queued.datagram);
  Flow& flow = flows_[index];
  flow.line.push(std::move(queued), tally_);
  if (flow.is_listed) return;
  flow.is_listed = true;
  flow.deficit = config_.quantum.value();
  new_flows_.push_back(std::move(index));
}

std::optional<QueuedDatagram> FqCodelQueue::pop(TimePoint now) {
  for (;;) {
    const bool is_new = !new_flows_.empty();
    Ring<std::uint32_t>& list = is_new ? new_flows_ : old_flows_;
    if (list.empty()) return std::nullopt;
    Flow& flow = flows_[list.front()];
    if (flow.deficit <= 0) {
      flow.deficit += config_.quantum.value();
      old_flows_.push_back(list.take_front());
      continue;
    }
    std::optional<QueuedDatagram> item = flow.line.pop(now, config_.codel, tally_);
    if (item) {
      flow.deficit -= item->wire_size().value();
      return item;
    }
    std::uint32_t index = list.take_front();
    // A flow that could become new again at once would starve the others.
    if (is_new && !old_flows_.empty()) {
      old_flows_.push_back(std::move(index));
    } else {
      flow.is_listed = false;
    }
  }
}

std::optional<QueuedDatagram> FqCodelQueue::take() {
  for (Ring<std::uint32_t>* list : {&new_flows_, &old_flows_}) {
    while (!list->empty()) {
      Flow& flow = flows_[list->front()];
      if (!flow.line.empty()) return flow.line.take(tally_);
      flow.is_listed = false;
      list->take_front();
    }
  }
  return std::nullopt;
}

bool FqCodelQueue::make_room() {
  constexpr std::int64_t kBatchMax = 64;
  const auto fattest =
      std::ranges::max_element(flows_, {}, [](const Flow& flow) { return flow.line.bytes(); });
  if (fattest->line.empty()) return false;
  const std::int64_t half = std::max<std::int64_t>(fattest->line.packets() / 2, 1);
  for (std::int64_t i = 0; i < std::min(half, kBatchMax); ++i) {
    fattest->line.take(tally_);
    ++tally_.overflowed;
  }
  return true;
}

}  // namespace hawser::netsim
