#include "tools/hawser/interruption.h"

#include <csignal>
#include <initializer_list>

namespace hawser::cli {
namespace {

volatile std::sig_atomic_t has_been_asked = 0;

}  // namespace

void note_interruptions() {
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { has_been_asked = 1; });
}

bool was_interrupted() { return has_been_asked != 0; }

}  // namespace hawser::cli
