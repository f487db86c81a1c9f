#pragma once
/// A file that stands under its name only when it is whole.

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace hawser::seeing {

/// Writes to `<path>.part` and takes the name at last. What is no regular file (a pipe, a device)
/// is written as it is. Holds no open file between writes, so a run may have thousands of these.
/// After the first error nothing more is written. Not thread-safe.
class OutputFile {
 public:
  /// Makes the file, empty; `error()` tells whether that went well.
  explicit OutputFile(std::filesystem::path path);
  /// Removes what was not committed.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Appends. Bytes reach the file in blocks of `kBlock`.
  void write(std::string_view bytes);
  /// Writes the rest and gives the file its name. Returns `error()`.
  std::error_code commit();
  /// Why it could not be made or written; none if it could.
  std::error_code error() const { return error_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  static constexpr std::size_t kBlock = 32 << 10;
  bool has_part() const { return written_to_ != path_; }
  void append(const char* mode);

  std::filesystem::path path_;
  std::filesystem::path written_to_;
  std::string block_;
  std::error_code error_;
  bool is_committed_ = false;
};

}  // namespace hawser::seeing
