#pragma once
/// The tool's sibling with a deliberate defect in the transport, `hawser-canary`: whoever tests
/// must be seen to fail.

namespace hawser::cli {

/// Whether this process is that sibling.
bool is_canary();
/// Goes on as the sibling, which lies beside this program, with the same arguments. Returns only if
/// that cannot be: throws a `CLI::ValidationError` of one line.
[[noreturn]] void become_canary();

}  // namespace hawser::cli
