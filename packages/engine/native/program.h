// A captured step: the work of every operation in order, done again in one call, off JavaScript's thread.
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "op.h"

namespace atelier {

class Program {
 public:
  Program() : arena_(std::make_shared<Arena>()) {}
  void add(const Call &call, Work work);
  void seal() { arena_->seal(); }
  // Does all of it; adds each operation's time to its own.
  void replay();
  const std::shared_ptr<Arena> &arena() const { return arena_; }

  struct Step {
    std::string name;
    Work work;
    double seconds = 0;
  };
  const std::vector<Step> &steps() const { return steps_; }
  size_t replays() const { return replays_; }
  void resetTimes();

 private:
  std::vector<Step> steps_;
  // Operands from outside the arena: variables and inputs stay allocated as long as the program.
  std::vector<Block> held_;
  std::shared_ptr<Arena> arena_;
  size_t replays_ = 0;
};

// One thread that does jobs in order. Operations on JavaScript's thread wait until it is idle, so two never overlap.
class Executor {
 public:
  ~Executor() { stop(); }
  void submit(std::function<void()> job);
  void waitIdle();
  void stop();

 private:
  void run();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool busy_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace atelier
