#pragma once
/// Files of one test.

#include <filesystem>
#include <string>

namespace hawser::seeing {

/// A fresh folder that is removed with its object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path operator/(const char* name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// All of a file; empty if there is none.
std::string read_file(const std::filesystem::path& path);

}  // namespace hawser::seeing
