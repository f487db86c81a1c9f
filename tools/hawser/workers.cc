#include "tools/hawser/workers.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "hawser/assert.h"

namespace hawser::cli {
namespace {

class Workers {
 public:
  Workers(std::size_t count, const Piece& piece) : count_(count), piece_(piece) {}

  void run(unsigned jobs, const std::function<bool(std::size_t)>& goes_on) {
    {
      std::vector<std::jthread> threads;  // joined at the end of this block
      busy_ = jobs;
      for (unsigned i = 0; i < jobs; ++i) threads.emplace_back([this] { work(); });
      supervise(goes_on);
    }
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void supervise(const std::function<bool(std::size_t)>& goes_on) {
    constexpr auto kPeriod = std::chrono::milliseconds(100);
    std::unique_lock lock(mutex_);
    while (!is_idle_.wait_for(lock, kPeriod, [this] { return busy_ == 0; })) {
      const std::size_t done = done_;
      lock.unlock();
      if (!goes_on(done)) is_cancelled_ = true;
      lock.lock();
    }
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (!is_cancelled_ && next_ < count_) {
      const std::size_t number = next_++;
      lock.unlock();
      std::exception_ptr error;
      try {
        piece_(number, is_cancelled_);
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      if (error) is_cancelled_ = true;
      if (!error_) error_ = error;
      ++done_;
    }
    --busy_;
    is_idle_.notify_one();
  }

  const std::size_t count_;
  const Piece& piece_;
  std::atomic<bool> is_cancelled_ = false;
  std::mutex mutex_;  // guards all below
  std::condition_variable is_idle_;
  std::size_t next_ = 0;
  std::size_t done_ = 0;
  unsigned busy_ = 0;
  std::exception_ptr error_;
};

}  // namespace

void do_pieces(std::size_t count, unsigned jobs, const Piece& piece,
               const std::function<bool(std::size_t done)>& goes_on) {
  HAWSER_ASSERT(jobs > 0);
  Workers(count, piece).run(jobs, goes_on);
}

}  // namespace hawser::cli
