#include "tools/netsim/damage_model.h"

#include "tools/netsim/corruption.h"

namespace hawser::netsim {

std::optional<std::uint64_t> DamageDice::draw(Probability probability) {
  const bool is_damaged = probability.draw(random_);
  const std::uint64_t seed = random_.next();
  return is_damaged ? std::optional(seed) : std::nullopt;
}

DamageModel::DamageModel(const std::array<SeededRandom, 4>& streams)
    : corrupt_(streams[0]), truncate_(streams[1]), extend_(streams[2]), misdeliver_(streams[3]) {}

DamageModel DamageModel::of_originals(const StreamSource& streams) {
  return DamageModel({streams.stream(Impairment::corrupt), streams.stream(Impairment::truncate),
                      streams.stream(Impairment::extend), streams.stream(Impairment::misdeliver)});
}

DamageModel DamageModel::of_copies(const StreamSource& streams) {
  return DamageModel(
      {streams.stream(Impairment::corrupt_copy), streams.stream(Impairment::truncate_copy),
       streams.stream(Impairment::extend_copy), streams.stream(Impairment::misdeliver_copy)});
}

DamageDraws DamageModel::draw(const Damage& config, std::size_t size) {
  DamageDraws draws;
  if (!config.corrupt.is_zero()) draws.corrupt = corrupt_.draw(config.corrupt);
  if (!config.truncate.is_zero()) draws.truncate = truncate_.draw(config.truncate);
  if (!config.extend.is_zero()) draws.extend = extend_.draw(config.extend);
  if (!config.misdeliver.is_zero()) draws.misdeliver = misdeliver_.draw(config.misdeliver);
  if (size == 0) draws.corrupt.reset();
  if (size < 2) draws.truncate.reset();
  if (size == 0 || size >= kPayloadMax) draws.extend.reset();
  return draws;
}

Buffer damaged_copy(MemoryPool& pool, const Buffer& original, const Damage& config,
                    const DamageDraws& draws) {
  Buffer bytes = original;
  if (draws.truncate) bytes = truncated(pool, bytes, *draws.truncate);
  if (draws.extend && !bytes.is_null()) bytes = extended(pool, bytes, *draws.extend);
  if (!draws.corrupt || bytes.is_null()) return bytes;
  return config.corrupt_burst > 0
             ? with_flipped_burst(pool, bytes, config.corrupt_burst, *draws.corrupt)
             : with_flipped_bits(pool, bytes, config.corrupt_bits, *draws.corrupt);
}

}  // namespace hawser::netsim
