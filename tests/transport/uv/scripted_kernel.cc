#include "tests/transport/uv/scripted_kernel.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <utility>

namespace hawser::rim {

namespace {

std::deque<int>& answers_left() {
  static std::deque<int> answers;
  return answers;
}

int& read_flags() {
  static int flags = 0;
  return flags;
}

int next_answer() {
  std::deque<int>& answers = answers_left();
  if (answers.empty()) return ScriptedKernel::kPass;
  const int answer = answers.front();
  answers.pop_front();
  return answer;
}

}  // namespace

ScriptedKernel::ScriptedKernel(std::initializer_list<int> answers) { answers_left() = answers; }

ScriptedKernel::~ScriptedKernel() { answers_left().clear(); }

ScriptedRead::ScriptedRead(int message_flags) { read_flags() = message_flags; }

ScriptedRead::~ScriptedRead() { read_flags() = 0; }

bool ScriptedKernel::is_done() const { return answers_left().empty(); }

}  // namespace hawser::rim

extern "C" ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
  const int answer = hawser::rim::next_answer();
  if (answer > 0) {
    errno = answer;
    return -1;
  }
  return syscall(SYS_sendmsg, descriptor, message, flags);
}

extern "C" int sendmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags) {
  const int answer = hawser::rim::next_answer();
  if (answer > 0) {
    errno = answer;
    return -1;
  }
  const unsigned offered = answer == hawser::rim::ScriptedKernel::kTakeOne ? 1 : count;
  return static_cast<int>(syscall(SYS_sendmmsg, descriptor, messages, offered, flags));
}

extern "C" int recvmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags,
                        timespec* timeout) {
  const auto received =
      static_cast<int>(syscall(SYS_recvmmsg, descriptor, messages, count, flags, timeout));
  if (received > 0) {
    messages[0].msg_hdr.msg_flags |= std::exchange(hawser::rim::read_flags(), 0);
  }
  return received;
}
