#include "tests/tidy/source_tree.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>

namespace hawser::tidy {

namespace fs = std::filesystem;

namespace {

/// Text that we wrote. Of the files without an extension only scripts count: the fuzz corpora
/// are of that kind, too.
bool is_ours(const SourceFile& file) {
  static constexpr auto kExtensions = std::to_array<std::string_view>(
      {".h", ".cc", ".txt", ".cmake", ".json", ".md", ".in", ".toml"});
  const std::string extension = fs::path(file.path).extension().string();
  if (extension.empty()) return file.text.starts_with("#!");
  return std::ranges::find(kExtensions, extension) != kExtensions.end();
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

std::string_view SourceFile::folder() const {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string_view() : std::string_view(path).substr(0, slash);
}

bool SourceFile::is_header() const { return path.ends_with(".h"); }
bool SourceFile::is_cpp() const { return is_header() || path.ends_with(".cc"); }
bool SourceFile::is_test() const { return is_below(path, "tests"); }

SourceTree SourceTree::load(const fs::path& root) {
  SourceTree tree;
  for (const auto& entry : fs::directory_iterator(root)) {
    tree.top_level.push_back(entry.path().filename().string());
  }
  std::ranges::sort(tree.top_level);

  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator();
       ++it) {
    const std::string path = it->path().lexically_relative(root).generic_string();
    if (path == "build" || path == ".git") {
      it.disable_recursion_pending();
    } else if (it->is_regular_file()) {
      SourceFile file{path, read_file(it->path())};
      if (is_ours(file)) tree.files.push_back(std::move(file));
    }
  }
  std::ranges::sort(tree.files, {}, &SourceFile::path);
  return tree;
}

const SourceFile* SourceTree::find(std::string_view path) const {
  const auto found = std::ranges::find(files, path, &SourceFile::path);
  return found == files.end() ? nullptr : &*found;
}

std::string to_string(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += finding.path;
    if (finding.line > 0) text += ':' + std::to_string(finding.line);
    text += ": " + finding.message + '\n';
  }
  return text;
}

bool is_below(std::string_view path, std::string_view folder) {
  if (folder.empty() || path == folder) return true;
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

}  // namespace hawser::tidy
