#include "program.h"

#include <ctime>

namespace atelier {

namespace {

double seconds() {
#ifdef ATELIER_CPU_CLOCK
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
#else
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
#endif
}

}  // namespace

void Program::add(const Call &call, Work work) {
  for (const auto *list : {&call.in(), &call.out()})
    for (const Block &block : *list)
      if (block && block->arena != arena_) held_.push_back(block);
  steps_.push_back({call.name(), std::move(work), 0});
}

void Program::replay() {
  double before = seconds();
  for (Step &step : steps_) {
    step.work();
    const double after = seconds();
    step.seconds += after - before;
    before = after;
  }
  replays_++;
}

void Program::resetTimes() {
  for (Step &step : steps_) step.seconds = 0;
  replays_ = 0;
}

void Executor::submit(std::function<void()> job) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  jobs_.push_back(std::move(job));
  changed_.notify_all();
}

void Executor::waitIdle() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return jobs_.empty() && !busy_; });
}

void Executor::stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  stopping_ = false;
}

void Executor::run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    busy_ = true;
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

}  // namespace atelier
