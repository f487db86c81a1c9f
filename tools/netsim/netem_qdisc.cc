#include "tools/netsim/netem_qdisc.h"

#include <algorithm>
#include <utility>

#include "hawser/assert.h"

namespace hawser::netsim {
namespace {

// Longer than any transmission that makes sense; keeps sums of times from overflowing.
constexpr Duration kTransmissionMax = std::chrono::hours(24);

}  // namespace

NetemQdisc::NetemQdisc(const StreamSource& streams, MemoryPool& pool)
    : pool_(pool),
      duplicate_(streams.stream(Impairment::netem_duplicate)),
      loss_(streams.stream(Impairment::netem_loss)),
      corrupt_(streams.stream(Impairment::netem_corrupt)),
      damage_(streams.stream(Impairment::netem_damage)),
      reorder_(streams.stream(Impairment::netem_reorder)),
      delay_(streams.stream(Impairment::netem_delay)),
      slots_(streams.stream(Impairment::netem_slot)) {}

void NetemQdisc::configure(TimePoint now, const NetemConfig& config) {
  HAWSER_ASSERT(config.gap > 0);
  HAWSER_ASSERT(!config.rate || config.rate->rate.bits_per_second() >= 8);
  config_ = config;
  duplicate_.configure(config.duplicate.correlation);
  loss_.configure(config.loss);
  corrupt_.configure(config.corrupt.correlation);
  reorder_.configure(config.reorder.correlation);
  delay_.configure(config.delay_correlation);
  slots_.configure(now, config.slot);
  delayed_in_a_row_ = 0;
  if (!line_.empty()) next_look_ = now;
}

// Whether the datagram is lost. With `ecn`, one that can carry the mark is marked instead.
bool NetemQdisc::draw_loss(const Datagram& datagram, Passage& passage) {
  if (!loss_.draw()) return false;
  if (!config_.ecn || datagram.ecn == Ecn::not_ect) return true;
  passage.is_marked = datagram.ecn != Ecn::ce;
  return false;
}

void NetemQdisc::draw_damage(const Datagram& datagram, Passage& passage) {
  if (!corrupt_.happens(config_.corrupt.probability)) return;
  const std::uint64_t seed = damage_.next();
  if (datagram.bytes.size() > 0) passage.damage_seed = seed;
}

void NetemQdisc::draw_departure(Passage& passage) {
  const NetemShare probability = config_.reorder.probability;
  passage.is_early = !probability.is_zero() && delayed_in_a_row_ >= config_.gap - 1 &&
                     reorder_.draws_within(probability);
  if (passage.is_early) {
    delayed_in_a_row_ = 0;
    return;
  }
  ++delayed_in_a_row_;
  passage.delay = draw_netem_delay(delay_, config_.delay);
}

Fate NetemQdisc::judge(TimePoint now, const Datagram& datagram) {
  // The kernel looks for something to send even after a datagram that it dropped.
  if (slots_.are_on() && !line_.empty()) next_look_ = now;
  original_ = {};
  copy_.reset();
  const bool is_doubled = duplicate_.happens(config_.duplicate.probability);
  const bool is_lost = draw_loss(datagram, original_);
  if (is_lost && !is_doubled) return {.outcome = Outcome::lost};
  draw_damage(datagram, original_);
  // The copy comes in while the original is not yet counted: it always finds the same room.
  if (line_.size() >= config_.limit) return {.outcome = Outcome::queue_full};

  Fate fate;
  if (is_doubled && !is_lost) {
    fate.is_duplicated = true;
    ++counted_.duplicated;
    Passage copy{.is_marked = original_.is_marked};
    if (draw_loss(datagram, copy)) {
      ++counted_.dropped_loss;
    } else {
      draw_damage(datagram, copy);
      draw_departure(copy);
      copy_ = copy;
    }
  }
  draw_departure(original_);
  fate.is_corrupted = original_.damage_seed.has_value();
  fate.is_marked = original_.is_marked;
  fate.is_early = original_.is_early;
  return fate;
}

void NetemQdisc::enqueue(TimePoint now, Datagram&& datagram) {
  if (copy_) enqueue_one(now, Datagram(datagram), *copy_);
  enqueue_one(now, std::move(datagram), original_);
  next_look_ = now;
}

void NetemQdisc::enqueue_one(TimePoint now, Datagram&& datagram, const Passage& passage) {
  if (passage.is_marked) {
    datagram.ecn = Ecn::ce;
    ++counted_.ecn_marked;
  }
  if (passage.damage_seed) {
    datagram.bytes = with_flipped_bits(pool_, datagram.bytes, 1, *passage.damage_seed);
    if (datagram.bytes.is_null()) {
      ++counted_.dropped_memory;
      return;
    }
    ++counted_.corrupted;
  }
  if (passage.is_early) {
    if (!line_.empty()) ++counted_.reordered;
    early_.push_back(std::move(datagram));
    return;
  }
  const TimePoint at = time_to_send(now, datagram, passage.delay);
  if (line_.insert(at, std::move(datagram))) ++counted_.reordered;
}

// With a rate, a datagram is transmitted after all that are queued. Those have been delayed, so the
// part of its delay that passes until then is not waited for again.
TimePoint NetemQdisc::time_to_send(TimePoint now, const Datagram& datagram, Duration delay) {
  if (!config_.rate) return now + delay;
  TimePoint start = now + delay;
  if (!line_.empty()) start = std::max(start, line_.last_arrival());
  const Duration wait = start - (now + delay);
  const Duration transmission = transmission_time(datagram.wire_size());
  counted_.queue_max = std::max(counted_.queue_max, wait);
  wait_sum_ += wait;
  ++waits_;
  wait_histogram_.add(wait);
  counted_.busy += transmission;
  // As a transmitter before the delay would have it.
  transmitting_until_ = now + wait + transmission;
  return start + transmission;
}

Duration NetemQdisc::transmission_time(ByteCount size) const {
  __extension__ using Wide = __int128;
  const NetemRate& rate = *config_.rate;
  std::int64_t bytes = std::max<std::int64_t>((size + rate.packet_overhead).value(), 0);
  if (rate.cell_size > ByteCount(0)) {
    const std::int64_t cell = rate.cell_size.value();
    const std::int64_t cells = (bytes + cell - 1) / cell;
    bytes = std::max<std::int64_t>(cells * (cell + rate.cell_overhead.value()), 0);
  }
  const Wide nanos = Wide(bytes) * 1'000'000'000 / (rate.rate.bits_per_second() / 8);
  return Duration(static_cast<std::int64_t>(std::min<Wide>(nanos, kTransmissionMax.count())));
}

std::optional<NetemQdisc::Departure> NetemQdisc::poll(TimePoint now) {
  while (next_look_ <= now) {
    const TimePoint at = next_look_;
    if (!early_.empty()) {
      Departure departure{std::move(early_.back()), at};
      early_.pop_back();
      return departure;
    }
    if (line_.empty()) {
      next_look_ = kNever;
      break;
    }
    const TimePoint due = line_.next_arrival();
    slots_.on_look(at, due);
    const TimePoint opens = slots_.open_from(due);
    if (opens <= at) {
      Departure departure{line_.take_next(), at};
      slots_.on_sent(at, departure.datagram.wire_size());
      return departure;
    }
    next_look_ = opens;
  }
  return std::nullopt;
}

void NetemQdisc::start_averages(TimePoint now) {
  wait_sum_ = Duration::zero();
  waits_ = 0;
  wait_histogram_.clear();
  counted_.busy = transmission_ahead(now);
}

void NetemQdisc::report_to(LinkStats& stats, TimePoint now) const {
  stats.dropped_loss += counted_.dropped_loss;
  stats.dropped_memory += counted_.dropped_memory;
  stats.duplicated += counted_.duplicated;
  stats.corrupted += counted_.corrupted;
  stats.reordered += counted_.reordered;
  stats.ecn_marked += counted_.ecn_marked;
  stats.queue_max = std::max(stats.queue_max, counted_.queue_max);
  stats.busy += counted_.busy - transmission_ahead(now);
  if (waits_ == 0) return;
  stats.queue_mean = wait_sum_ / waits_;
  stats.queue_p50 = wait_histogram_.percentile(50);
  stats.queue_p99 = wait_histogram_.percentile(99);
}

}  // namespace hawser::netsim
