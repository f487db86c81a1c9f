#include <algorithm>
#include <array>

#include "tests/tidy/lexer.h"
#include "tests/tidy/rules.h"

namespace hawser::tidy {

namespace {

using Folders = std::vector<std::string_view>;

bool is_below_any(std::string_view path, const Folders& folders) {
  return std::ranges::any_of(folders,
                             [&](std::string_view folder) { return is_below(path, folder); });
}

std::string join(const Folders& folders) {
  std::string text = "hawser/";
  for (const std::string_view folder : folders) text.append(", ").append(folder).append("/");
  return text;
}

/// A folder and what its files may name in quotes, besides "hawser/x.h" (the public headers).
struct Layer {
  std::string_view folder;
  Folders targets;
};

// The include rule. The longest folder that holds a file decides; tests/ is not listed and may
// include everything.
const std::vector<Layer>& layers() {
  static const std::vector<Layer> kLayers = {
      {"include", {}},
      {"arq", {"arq"}},
      {"congestion", {"congestion"}},
      {"transport", {}},  // files of the folder itself implement public vocabulary
      {"transport/wire", {"arq", "congestion", "transport/wire"}},
      {"transport/connection", {"arq", "congestion", "transport/wire", "transport/connection"}},
      {"transport/endpoint",
       {"arq", "congestion", "transport/wire", "transport/connection", "transport/endpoint"}},
      {"transport/uv", {"arq", "congestion", "transport"}},
      {"transport/c_api", {"arq", "congestion", "transport"}},
      {"tools/netsim", {"arq", "congestion", "transport", "tools/netsim"}},
      {"tools/seeing", {"tools/seeing"}},  // sees what the public headers show
      {"tools/plan", {"tools/plan", "tools/seeing", "tools/hawser"}},
      {"tools/hawser",
       {"arq", "congestion", "transport", "tools/netsim", "tools/plan", "tools/seeing",
        "tools/swarm", "tools/hawser"}},
      {"tools/swarm",
       {"arq", "congestion", "transport", "tools/netsim", "tools/swarm", "tools/hawser"}},
      {"tools/examples", {"tools/examples"}},  // written as our users write
      {"bench",
       {"arq", "congestion", "transport", "tools/netsim", "tools/hawser", "tools/examples",
        "bench"}},
  };
  return kLayers;
}

const Layer* layer_of(std::string_view path) {
  const Layer* found = nullptr;
  for (const Layer& layer : layers()) {
    if (!is_below(path, layer.folder)) continue;
    if (found == nullptr || layer.folder.size() > found->folder.size()) found = &layer;
  }
  return found;
}

/// Headers that reach the operating system: its sockets, files, clocks and threads.
bool is_system_header(std::string_view target) {
  static const Folders kFolders = {"sys", "netinet", "arpa", "net", "linux", "asm"};
  static constexpr auto kHeaders = std::to_array<std::string_view>(
      {"uv.h", "unistd.h", "fcntl.h", "netdb.h", "poll.h", "ifaddrs.h", "pthread.h", "sched.h",
       "signal.h", "winsock2.h", "ws2tcpip.h", "windows.h"});
  // What the processor can do is no I/O; the checksum engines ask for it.
  if (target == "sys/auxv.h") return false;
  return is_below_any(target, kFolders) || std::ranges::find(kHeaders, target) != kHeaders.end();
}

}  // namespace

Findings check_layers(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree.files) {
    const Layer* layer = layer_of(file.path);
    if (!file.is_cpp() || layer == nullptr) continue;
    for (const Include& include : includes_of(file.text)) {
      if (include.is_angled || is_below(include.target, "hawser")) continue;
      if (is_below_any(include.target, layer->targets)) continue;
      findings.push_back({file.path, include.line,
                          "includes \"" + include.target + "\"; " + std::string(layer->folder) +
                              " may include only " + join(layer->targets)});
    }
  }
  return findings;
}

Findings check_public_includes(const SourceTree& tree) {
  // The C interface names C's headers.
  static constexpr auto kOfC =
      std::to_array<std::string_view>({"stddef.h", "stdint.h", "stdbool.h"});
  Findings findings;
  for (const SourceFile& file : tree.files) {
    if (!file.is_cpp() || !is_below(file.path, "include")) continue;
    for (const Include& include : includes_of(file.text)) {
      const bool is_standard = include.target.find_first_of("./") == std::string::npos ||
                               std::ranges::find(kOfC, include.target) != kOfC.end();
      if (!include.is_angled || is_standard) continue;
      findings.push_back({file.path, include.line,
                          "includes <" + include.target +
                              ">; a public header includes only hawser/ and the standard library"});
    }
  }
  return findings;
}

Findings check_system_includes(const SourceTree& tree) {
  static const Folders kRim = {"transport/uv", "tools/hawser", "bench", "tests/transport/uv",
                               "tests/tools"};
  // They run on a libuv loop but leave the operating system to it.
  static const Folders kLoopUsers = {"tools/examples", "tests/packaging", "tests/support"};
  Findings findings;
  for (const SourceFile& file : tree.files) {
    if (!file.is_cpp() || is_below_any(file.path, kRim)) continue;
    for (const Include& include : includes_of(file.text)) {
      if (!is_system_header(include.target)) continue;
      if (include.target == "uv.h" && is_below_any(file.path, kLoopUsers)) continue;
      findings.push_back({file.path, include.line,
                          "includes <" + include.target +
                              ">; the event loop and the operating system belong to " +
                              join(kRim)});
    }
  }
  return findings;
}

}  // namespace hawser::tidy
