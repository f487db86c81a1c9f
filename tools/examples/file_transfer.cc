// Sends a file to a receiver, which checks that every byte arrived.
//
//   file_transfer receive FOLDER [ADDRESS:PORT]
//   file_transfer send FILE HOST:PORT
//
// All on one ordered channel: a message "<size> <name>", the contents in messages of up to 64 KiB,
// and the contents' hash. The receiver answers "ok" or what was wrong.

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <uv.h>

#include "hawser/uv_endpoint.h"
#include "tools/examples/progress_bar.h"

namespace {

using Bytes = std::span<const std::uint8_t>;
using Path = std::filesystem::path;
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

constexpr std::size_t kChunk = 65'536;

File open_file(const Path& path, const char* mode) {
  return {std::fopen(path.c_str(), mode), std::fclose};
}
Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// FNV-1a: finds accidents on the disks and in this program; the transport checks its own part.
class ContentHash {
 public:
  void add(Bytes bytes) {
    for (const std::uint8_t byte : bytes) hash_ = (hash_ ^ byte) * 0x100000001b3;
  }
  std::string text() const { return std::to_string(hash_); }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

/// Sends one file and ends the loop.
class FileSender {
 public:
  FileSender(uv_loop_t* loop, const Path& path)
      : path_(path), file_(open_file(path, "rb")), loop_(loop) {}

  /// Returns what went wrong, or nothing.
  std::string run(std::string_view host_and_port) {
    if (!file_) return "cannot read " + path_.string();
    size_ = std::filesystem::file_size(path_);
    bar_.emplace(loop_, size_);
    auto created =
        hawser::UvEndpoint::create(loop_, {}, [this](hawser::Event& event) { on_event(event); });
    if (!created) return created.error().message();
    endpoint_ = std::move(*created);
    endpoint_->connect_to(host_and_port, {}, [this](auto connection) {
      if (!connection) return finish(connection.error().message());
      connection_ = *connection;
      const std::string header = std::to_string(size_) + ' ' + path_.filename().string();
      if (!endpoint_->send(connection_, bytes_of(header))) return finish("cannot send");
      ++under_way_;
      send_more();
    });
    uv_run(loop_, UV_RUN_DEFAULT);
    return result_;
  }

 private:
  void on_event(const hawser::Event& event) {
    if (std::holds_alternative<hawser::WritableEvent>(event.what)) send_more();
    if (const auto* receipt = std::get_if<hawser::ReceiptEvent>(&event.what)) {
      delivered_ += receipt->tag;
      bar_->show(delivered_);
      --under_way_;
      send_more();
    } else if (const auto* answer = std::get_if<hawser::MessageEvent>(&event.what)) {
      const std::string_view text = text_of(answer->bytes.bytes());
      result_ = text == "ok" ? "" : text;
      is_sent_ = true;  // all, or more than the receiver wants
      endpoint_->close(connection_);
    } else if (const auto* closed = std::get_if<hawser::ClosedEvent>(&event.what)) {
      if (closed->reason != hawser::CloseReason::none) result_ = to_string(closed->reason);
      finish(result_);
    }
  }
  /// Reads and sends until the transport has enough; an event brings us back.
  void send_more() {
    while (!is_sent_ && !is_finished_) {
      const bool is_at_end = read_ == size_ && next_.is_null();
      if (!is_at_end && next_.is_null()) {
        const std::size_t size = std::min<std::uint64_t>(kChunk, size_ - read_);
        next_ = hawser::Buffer::allocate(endpoint_->pool(), size);
        if (next_.is_null()) return wait_out(hawser::Errc::not_enough_memory);
        if (!read_chunk()) return finish("cannot read the file");
      }
      const auto sent = is_at_end ? endpoint_->send(connection_, bytes_of(hash_.text()))
                                  : endpoint_->send(connection_, next_, {.tag = next_.size()});
      if (!sent) return wait_out(sent.error());
      ++under_way_;
      next_.reset();
      is_sent_ = is_at_end;
    }
  }
  /// Room is announced by a WritableEvent, the connection's end by a ClosedEvent. Memory comes back
  /// with a receipt, if there is one to come. Nothing else passes by itself.
  void wait_out(std::error_code error) {
    const bool is_announced =
        error == hawser::Errc::would_block || error == hawser::Errc::connection_closing;
    const bool may_pass =
        is_announced || (error == hawser::Errc::not_enough_memory && under_way_ > 0);
    if (!may_pass) finish(error.message());
  }
  /// Reads the next bytes of the file in place, into a buffer of the transport's.
  bool read_chunk() {
    const std::size_t size = next_.size();
    if (std::fread(next_.writable().data(), 1, size, file_.get()) != size) return false;
    hash_.add(next_.bytes());
    read_ += size;
    return true;
  }
  void finish(std::string_view result) {
    if (is_finished_) return;  // the end of the connection that we closed ourselves
    is_finished_ = true;
    result_ = result;
    next_.reset();
    endpoint_->close(nullptr);
  }

  Path path_;
  File file_;
  uv_loop_t* loop_;
  std::uint64_t size_ = 0;
  std::uint64_t read_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t under_way_ = 0;  // messages without a receipt
  bool is_sent_ = false;
  bool is_finished_ = false;
  ContentHash hash_;
  std::string result_ = "no answer";
  std::optional<ProgressBar> bar_;
  std::unique_ptr<hawser::UvEndpoint> endpoint_;
  hawser::ConnectionHandle connection_ = hawser::ConnectionHandle::none;
  hawser::Buffer next_;  // after the endpoint: its bytes belong there
};

/// The files of one connection on their way in, one after the other.
class IncomingFile {
 public:
  explicit IncomingFile(Path folder) : folder_(std::move(folder)) {}

  /// Takes the connection's next message. Returns the answer when a file's last one has come, or
  /// something is wrong; then no more is taken.
  std::optional<std::string> take(Bytes message) {
    if (has_failed_) return std::nullopt;  // what was under way
    if (!file_) return open(text_of(message));
    if (received_ == size_) return check(text_of(message));
    if (message.size() > size_ - received_) return fail("more than was announced");
    if (std::fwrite(message.data(), 1, message.size(), file_.get()) != message.size()) {
      return fail("cannot write");
    }
    hash_.add(message);
    received_ += message.size();
    return std::nullopt;
  }

 private:
  std::string fail(std::string answer) {
    has_failed_ = true;
    file_.reset();
    return answer;
  }
  std::optional<std::string> open(std::string_view header) {
    const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), size_);
    const std::size_t digits = static_cast<std::size_t>(end - header.data());
    if (error != std::errc{} || digits >= header.size()) return fail("not a file header");
    // The last component only: the peer does not choose the folder.
    const Path name = Path(header.substr(digits + 1)).filename();
    if (name.empty() || name == "." || name == "..") return fail("not a file name");
    path_ = folder_ / name;
    file_ = open_file(path_.string() + ".part", "wb");
    if (!file_) return fail("cannot create " + name.string());
    received_ = 0;
    hash_ = {};
    return std::nullopt;
  }
  std::string check(std::string_view hash) {
    file_.reset();
    if (hash != hash_.text()) return fail("damaged");
    std::error_code error;
    std::filesystem::rename(path_.string() + ".part", path_, error);
    if (error) return fail(error.message());
    std::printf("received %s, %ju bytes\n", path_.c_str(), static_cast<std::uintmax_t>(size_));
    std::fflush(stdout);
    return "ok";
  }

  Path folder_;
  Path path_;
  File file_{nullptr, std::fclose};
  std::uint64_t size_ = 0;
  std::uint64_t received_ = 0;
  ContentHash hash_;
  bool has_failed_ = false;
};

/// Receives files until it is stopped. Returns what went wrong at the start.
std::string receive(uv_loop_t* loop, const Path& folder, std::string_view bind) {
  const auto address = hawser::SocketAddress::parse(bind);
  if (!address) return address.error().message();
  hawser::UvEndpointConfig config;
  config.endpoint.accepts_connections = true;
  config.bind = *address;
  std::unique_ptr<hawser::UvEndpoint> endpoint;
  std::map<hawser::ConnectionHandle, IncomingFile> files;
  auto created = hawser::UvEndpoint::create(loop, config, [&](hawser::Event& event) {
    if (std::holds_alternative<hawser::ClosedEvent>(event.what)) files.erase(event.connection);
    const auto* message = std::get_if<hawser::MessageEvent>(&event.what);
    if (message == nullptr) return;
    auto& file = files.try_emplace(event.connection, folder).first->second;
    const auto answer = file.take(message->bytes.bytes());
    if (answer && !endpoint->send(event.connection, bytes_of(*answer))) {
      endpoint->abort(event.connection);
    }
  });
  if (!created) return created.error().message();
  endpoint = std::move(*created);
  std::printf("listening on %s\n", endpoint->local_address().to_string().c_str());
  std::fflush(stdout);
  uv_run(loop, UV_RUN_DEFAULT);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view verb = argc > 2 ? argv[1] : "";
  std::string problem = "usage: file_transfer receive FOLDER [ADDRESS:PORT] | send FILE HOST:PORT";
  if (verb == "receive") {
    problem = receive(uv_default_loop(), argv[2], argc > 3 ? argv[3] : "[::]:9001");
  } else if (verb == "send" && argc == 4) {
    problem = FileSender(uv_default_loop(), argv[2]).run(argv[3]);
  }
  if (!problem.empty()) std::fprintf(stderr, "file_transfer: %s\n", problem.c_str());
  return problem.empty() ? 0 : 1;
}
