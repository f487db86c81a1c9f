#include "tools/seeing/output_file.h"

#include <cerrno>
#include <cstdio>
#include <utility>

namespace hawser::seeing {

namespace fs = std::filesystem;

OutputFile::OutputFile(fs::path path) : path_(std::move(path)) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path_, ignored);
  if (fs::is_directory(status)) {
    error_ = std::make_error_code(std::errc::is_a_directory);
    return;
  }
  written_to_ = path_;
  if (!fs::exists(status) || fs::is_regular_file(status)) written_to_ += ".part";
  append(has_part() ? "wb" : "ab");
}

OutputFile::~OutputFile() {
  if (is_committed_ || written_to_.empty() || !has_part()) return;
  std::error_code ignored;
  fs::remove(written_to_, ignored);
}

void OutputFile::write(std::string_view bytes) {
  block_.append(bytes);
  if (block_.size() >= kBlock) append("ab");
}

std::error_code OutputFile::commit() {
  append("ab");
  if (!error_ && has_part()) fs::rename(written_to_, path_, error_);
  is_committed_ = !error_;
  return error_;
}

void OutputFile::append(const char* mode) {
  if (!error_) {
    errno = 0;
    std::FILE* file = std::fopen(written_to_.c_str(), mode);
    bool is_written = file != nullptr;
    if (file != nullptr) {
      is_written = std::fwrite(block_.data(), 1, block_.size(), file) == block_.size();
      is_written = std::fclose(file) == 0 && is_written;
    }
    if (!is_written) error_ = std::error_code(errno, std::generic_category());
  }
  block_.clear();
}

}  // namespace hawser::seeing
