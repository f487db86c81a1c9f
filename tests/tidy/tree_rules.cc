#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "tests/tidy/lexer.h"
#include "tests/tidy/rules.h"

namespace hawser::tidy {

namespace {

constexpr auto kTopLevel = std::to_array<std::string_view>({".ci",
                                                            ".clang-format",
                                                            ".clang-tidy",
                                                            ".git",
                                                            ".gitignore",
                                                            "ARCHITECTURE.md",
                                                            "CHANGELOG.md",
                                                            "CMakeLists.txt",
                                                            "CMakePresets.json",
                                                            "CONTRIBUTING.md",
                                                            "LICENSE",
                                                            "README.md",
                                                            "arq",
                                                            "bench",
                                                            "build",
                                                            "congestion",
                                                            "include",
                                                            "tests",
                                                            "tools",
                                                            "transport"});

std::string_view parent_of(std::string_view folder) {
  const std::size_t slash = folder.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : folder.substr(0, slash);
}

std::string path_in(std::string_view folder, std::string_view name) {
  return folder.empty() ? std::string(name) : std::string(folder) + '/' + std::string(name);
}

/// The list that must name `file`: the nearest one, in its folder or above.
const SourceFile* list_of(const SourceTree& tree, const SourceFile& file) {
  for (std::string_view folder = file.folder();; folder = parent_of(folder)) {
    const SourceFile* list = tree.find(path_in(folder, "CMakeLists.txt"));
    if (list != nullptr || folder.empty()) return list;
  }
}

/// True if `word` stands in `text` with none of `joiners` and no letter or digit next to it.
bool names(std::string_view text, std::string_view word, std::string_view joiners) {
  const auto continues = [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || joiners.find(c) != joiners.npos;
  };
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool starts = at == 0 || !continues(text[at - 1]);
    if (starts && (end == text.size() || !continues(text[end]))) return true;
  }
  return false;
}

/// The text of a CMake list without its comments: what is commented out is not listed.
std::string without_comments(std::string_view text) {
  std::string code;
  for (const std::string_view line : lines_of(text)) {
    code.append(line.substr(0, line.find('#'))).append("\n");
  }
  return code;
}

bool is_listed(const SourceTree& tree, const SourceFile& file) {
  const SourceFile* list = list_of(tree, file);
  if (list == nullptr) return false;
  const std::size_t skip = list->folder().empty() ? 0 : list->folder().size() + 1;
  return names(without_comments(list->text), std::string_view(file.path).substr(skip), "_/.-");
}

/// All include targets of the tree.
std::set<std::string> included(const SourceTree& tree) {
  std::set<std::string> targets;
  for (const SourceFile& file : tree.files) {
    if (!file.is_cpp()) continue;
    for (const Include& include : includes_of(file.text)) targets.insert(include.target);
  }
  return targets;
}

}  // namespace

Findings check_dead_files(const SourceTree& tree) {
  const std::set<std::string> targets = included(tree);
  Findings findings;
  for (const SourceFile& file : tree.files) {
    if (file.is_header()) {
      const std::string name = is_below(file.path, "include") ? file.path.substr(8) : file.path;
      if (!targets.contains(name)) {
        findings.push_back({file.path, 0, "is included nowhere as \"" + name + "\""});
      }
    } else if (file.is_cpp() && !is_listed(tree, file)) {
      findings.push_back({file.path, 0, "is listed in no CMakeLists.txt, so nothing builds it"});
    }
  }
  return findings;
}

Findings check_top_level(const SourceTree& tree) {
  Findings findings;
  for (const std::string& name : tree.top_level) {
    if (std::ranges::find(kTopLevel, name) != kTopLevel.end()) continue;
    findings.push_back({name, 0, "does not belong to the top level, which is fixed"});
  }
  return findings;
}

Findings check_readmes(const SourceTree& tree) {
  std::set<std::string_view> folders;
  for (const SourceFile& file : tree.files) {
    if (file.is_cpp() || file.path.ends_with("CMakeLists.txt")) folders.insert(file.folder());
  }
  Findings findings;
  for (const std::string_view folder : folders) {
    if (tree.find(path_in(folder, "README.md")) != nullptr) continue;
    findings.push_back({path_in(folder, "README.md"), 0,
                        "is missing: ten lines on the folder's purpose, files, users and growth"});
  }
  return findings;
}

Findings check_marks(const SourceTree& tree) {
  // Spelt in halves, or this file would find itself.
  static const auto kMarks =
      std::to_array<std::string>({"TO"
                                  "DO",
                                  "FIX"
                                  "ME",
                                  "XX"
                                  "X",
                                  "HA"
                                  "CK",
                                  "GTEST_"
                                  "SKIP"});
  static const std::string kDisabled =
      "DISA"
      "BLED_";
  Findings findings;
  for (const SourceFile& file : tree.files) {
    int number = 0;
    for (const std::string_view line : lines_of(file.text)) {
      ++number;
      const auto mark = std::ranges::find_if(
          kMarks, [&](const std::string& word) { return names(line, word, "_"); });
      const bool is_disabled = line.find(kDisabled) != std::string_view::npos;
      if (mark == kMarks.end() && !is_disabled) continue;
      findings.push_back({file.path, number,
                          "holds the mark " + (is_disabled ? kDisabled : *mark) +
                              ": finish it, or open an issue and delete the mark"});
    }
  }
  return findings;
}

}  // namespace hawser::tidy
