// Memory of tensors: aligned blocks, counted by reference, recycled by size.
#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace atelier {

class Arena;

// A piece of memory that tensors, JavaScript views and programs share. The last one to let go recycles it.
struct Storage {
  void *data;
  size_t size;
  // Where it came from while a step was captured; null outside.
  std::shared_ptr<Arena> arena;
  // Its numbers are bf16 (bf16.h) and not what JavaScript thinks.
  bool half = false;
};

using Block = std::shared_ptr<Storage>;

// Free memory by size, so that a training loop allocates nothing once it runs.
class Pool {
 public:
  void *take(size_t size);
  void give(void *data, size_t size);
  // Frees what is cached.
  void drain();
  size_t cachedBytes() const { return cached_; }
  ~Pool() { drain(); }

 private:
  std::mutex mutex_;
  std::map<size_t, std::vector<void *>> free_;
  size_t cached_ = 0;
};

// The memory of one captured step. While it records, a block that is let go is handed out again within the same step, in
// the same order at every replay; everything stays allocated until the program and the last tensor in it are gone.
class Arena {
 public:
  ~Arena();
  void *take(size_t size);
  void give(void *data, size_t size);
  void seal() { sealed_ = true; }
  size_t bytes() const { return bytes_; }

 private:
  std::mutex mutex_;
  bool sealed_ = false;
  size_t bytes_ = 0;
  std::map<size_t, std::vector<void *>> free_;
  std::vector<std::pair<void *, size_t>> owned_;
};

// Makes a block of at least `size` bytes, 64-byte aligned, contents undefined. Throws std::bad_alloc.
Block makeBlock(size_t size, const std::shared_ptr<Arena> &arena = nullptr);

Pool &pool();

}  // namespace atelier
