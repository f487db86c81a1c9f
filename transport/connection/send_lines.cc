#include "transport/connection/send_lines.h"

#include "transport/connection/channel_search.h"
#include "transport/connection/pool_object.h"

namespace hawser {

void ReadyLines::add(SendLine& line) {
  if (last_ == nullptr) {
    line.next_ready = &line;
  } else {
    line.next_ready = last_->next_ready;
    last_->next_ready = &line;
  }
  last_ = &line;
  ++size_;
}

void ReadyLines::remove_front() {
  SendLine& line = front();
  if (size_ == 1) {
    last_ = nullptr;
  } else {
    last_->next_ready = line.next_ready;
  }
  line.next_ready = nullptr;
  --size_;
}

SendLines::~SendLines() {
  for (std::size_t i = 0; i < channels_.size(); ++i) pool_delete(*pool_, channels_[i]);
}

bool SendLines::push(OutboundMessage& message) {
  SendChannel* channel = find_or_add(message.options.channel);
  if (channel == nullptr) return false;
  const bool reliable = message.is_reliable();
  SendLine& line = reliable ? channel->reliable : channel->unreliable;
  message.next_in_line = nullptr;
  if (line.head == nullptr) {
    line.head = &message;
    ready(reliable).add(line);
  } else {
    line.tail->next_in_line = &message;
  }
  line.tail = &message;
  return true;
}

void SendLines::pop_front(bool reliable) {
  ReadyLines& lines = ready(reliable);
  SendLine& line = lines.front();
  line.head = line.head->next_in_line;
  if (line.head == nullptr) {
    line.tail = nullptr;
    lines.remove_front();
  } else {
    lines.rotate();
  }
}

std::uint64_t SendLines::next_number(const OutboundMessage& message) const {
  const SendChannel& channel = *channels_[channel_position(channels_, message.options.channel)];
  return channel.next_number[static_cast<std::size_t>(message.line)];
}

void SendLines::take_number(OutboundMessage& message) {
  SendChannel& channel = *channels_[channel_position(channels_, message.options.channel)];
  message.number = channel.next_number[static_cast<std::size_t>(message.line)]++;
}

void SendLines::clear() {
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    channels_[i]->reliable = {};
    channels_[i]->unreliable = {};
  }
  reliable_ = {};
  unreliable_ = {};
}

SendChannel* SendLines::find_or_add(ChannelId id) {
  const std::size_t position = channel_position(channels_, id);
  if (position < channels_.size() && channels_[position]->id == id) return channels_[position];
  auto* channel = pool_new<SendChannel>(*pool_);
  if (channel == nullptr) return nullptr;
  channel->id = id;
  if (!channels_.insert(position, channel)) {
    pool_delete(*pool_, channel);
    return nullptr;
  }
  return channel;
}

}  // namespace hawser
