#include "transport/endpoint/stateless_answers.h"

#include <algorithm>

#include "hawser/endpoint.h"

namespace hawser {
namespace {

/// Back to where the trigger came from, under its ids the other way round. The number is the
/// trigger's, so that its sender can tell which of its packets this answers.
wire::LongHeader answer_header(wire::PacketType type, const wire::PacketView& view) {
  return {.type = type,
          .destination_id = view.source_id,
          .source_id = view.destination_id,
          .number = PacketNumber(view.truncated_number)};
}

}  // namespace

bool StatelessAnswers::retry(const AnswerTrigger& trigger, std::span<const std::uint8_t> cookie) {
  const auto header = answer_header(wire::PacketType::retry, *trigger.view);
  return queue(trigger, wire::write_retry(space(), header, cookie), trigger.size);
}

bool StatelessAnswers::version(const AnswerTrigger& trigger) {
  const wire::PacketView& view = *trigger.view;
  return queue(trigger, wire::write_version(space(), view.source_id, view.destination_id),
               trigger.size);
}

bool StatelessAnswers::refuse(const AnswerTrigger& trigger, const wire::RefuseBody& body) {
  const auto header = answer_header(wire::PacketType::refuse, *trigger.view);
  return queue(trigger, wire::write_refuse(space(), header, body), trigger.size);
}

bool StatelessAnswers::reset(TimePoint now, const AnswerTrigger& trigger, const ResetToken& token) {
  if (last_reset_ && now - *last_reset_ < kResetInterval) return false;
  const std::size_t size = wire::write_reset(space(), token);
  if (!queue(trigger, size, trigger.size - ByteCount(1))) return false;
  last_reset_ = now;
  return true;
}

std::optional<Transmit> StatelessAnswers::poll_transmit(TransmitBuffer& buffer) {
  if (count_ == 0 || buffer.datagrams_max == 0) return std::nullopt;
  const Answer& answer = answers_[head_];
  HAWSER_ASSERT(answer.size <= buffer.bytes.size());
  std::copy_n(answer.bytes.begin(), answer.size, buffer.bytes.begin());
  head_ = (head_ + 1) % kAnswersMax;
  --count_;
  return Transmit{.path = answer.path, .segment_size = answer.size, .bytes = answer.size};
}

std::span<std::uint8_t> StatelessAnswers::space() {
  if (count_ == kAnswersMax) return {};
  return answers_[(head_ + count_) % kAnswersMax].bytes;
}

bool StatelessAnswers::queue(const AnswerTrigger& trigger, std::size_t size, ByteCount size_max) {
  if (size == 0 || ByteCount::of(size) > size_max) return false;
  Answer& answer = answers_[(head_ + count_++) % kAnswersMax];
  answer.path = trigger.path;
  answer.size = size;
  return true;
}

}  // namespace hawser
