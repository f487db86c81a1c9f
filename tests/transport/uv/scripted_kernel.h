#pragma once
/// Lets a test say how the kernel answers the next sends of this executable. Loopback never refuses
/// one by itself.
///
/// The C library's `sendmsg`, `sendmmsg` and `recvmmsg` are replaced: without a script they go
/// through to the kernel. One thread only.

#include <initializer_list>

namespace hawser::rim {

class ScriptedKernel {
 public:
  /// An answer that lets the call through.
  static constexpr int kPass = 0;
  /// A `sendmmsg` that takes no more than the first datagram.
  static constexpr int kTakeOne = -1;

  /// One answer per call, in order: an errno value, `kPass` or `kTakeOne`; then all pass.
  ScriptedKernel(std::initializer_list<int> answers);
  ~ScriptedKernel();
  ScriptedKernel(const ScriptedKernel&) = delete;
  ScriptedKernel& operator=(const ScriptedKernel&) = delete;
  /// Whether all answers were given.
  bool is_done() const;
};

/// Marks what the next read brings first (MSG_TRUNC and the like).
class ScriptedRead {
 public:
  explicit ScriptedRead(int message_flags);
  ~ScriptedRead();
  ScriptedRead(const ScriptedRead&) = delete;
  ScriptedRead& operator=(const ScriptedRead&) = delete;
};

}  // namespace hawser::rim
