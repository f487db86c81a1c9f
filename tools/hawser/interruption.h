#pragma once
/// Whether somebody asked the program to end: SIGINT or SIGTERM. Commands that have a loop of libuv
/// use its own signals instead (`event_loop`).

namespace hawser::cli {

/// From now on such a signal is noted instead of ending the program. To be called before the first
/// file is opened: what exists of a run that is interrupted must not stay half written.
void note_interruptions();
/// One has come since `note_interruptions`.
bool was_interrupted();

}  // namespace hawser::cli
