#pragma once
/// The source tree as the tidy rules see it: paths and texts, read from disk or made in a test.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hawser::tidy {

/// One text file. `path` is relative to the root, with '/' between folders.
struct SourceFile {
  std::string path;
  std::string text;

  std::string_view folder() const;  ///< "arq", or "" for a file of the top level
  bool is_cpp() const;
  bool is_header() const;
  bool is_test() const;
};

struct SourceTree {
  std::vector<SourceFile> files;
  std::vector<std::string> top_level;  ///< names of all files and folders there

  /// Reads the tree below `root`, but for the build folders and the version control's own.
  static SourceTree load(const std::filesystem::path& root);

  const SourceFile* find(std::string_view path) const;
};

/// What a rule found wrong. `line` counts from 1; 0 means the whole file.
struct Finding {
  std::string path;
  int line = 0;
  std::string message;

  bool operator==(const Finding&) const = default;
};
using Findings = std::vector<Finding>;

/// "path:line: message" per line, as compilers print it.
std::string to_string(const Findings& findings);

/// True if `path` is `folder` or lies in it; the folder "" holds everything.
bool is_below(std::string_view path, std::string_view folder);

/// The lines of `text`, without their ends.
std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace hawser::tidy
