#include "block.h"

#include <cstdlib>
#include <new>
#ifdef __linux__
#include <sys/mman.h>
#endif

namespace atelier {

namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = size_t{2} << 20;
// More than this is given back to the system: a process that once saw a large batch should not keep its memory.
constexpr size_t kCacheLimit = size_t{64} << 20;

// Steps of 1/8 of the size, so that blocks of nearly the same size recycle each other.
size_t roundUp(size_t size) {
#ifdef ATELIER_SANITIZE
  return size == 0 ? 1 : size;  // exact, so that AddressSanitizer sees every byte past the end
#else
  size_t step = kAlignment;
  while (step * 16 < size) step *= 2;
  return size == 0 ? step : (size + step - 1) / step * step;
#endif
}

void *systemTake(size_t size) {
#ifdef ATELIER_SANITIZE
  void *data = std::malloc(size);
#else
  const bool huge = size >= 2 * kHugePage;
  const size_t alignment = huge ? kHugePage : kAlignment;
  void *data = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
#ifdef __linux__
  if (data != nullptr && huge) madvise(data, size, MADV_HUGEPAGE);
#endif
#endif
  if (data == nullptr) throw std::bad_alloc();
  return data;
}

}  // namespace

void *Pool::take(size_t size) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = free_.find(size);
  if (found == free_.end() || found->second.empty()) return systemTake(size);
  void *data = found->second.back();
  found->second.pop_back();
  cached_ -= size;
  return data;
}

void Pool::give(void *data, size_t size) {
#ifdef ATELIER_SANITIZE
  std::free(data);
  (void)size;
#else
  std::lock_guard<std::mutex> lock(mutex_);
  if (cached_ + size > kCacheLimit) {
    std::free(data);
    return;
  }
  free_[size].push_back(data);
  cached_ += size;
#endif
}

void Pool::drain() {
  std::lock_guard<std::mutex> lock(mutex_);
  for (auto &entry : free_)
    for (void *data : entry.second) std::free(data);
  free_.clear();
  cached_ = 0;
}

Arena::~Arena() {
  for (auto &entry : owned_) pool().give(entry.first, entry.second);
}

void *Arena::take(size_t size) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = free_.find(size);
  if (found != free_.end() && !found->second.empty()) {
    void *data = found->second.back();
    found->second.pop_back();
    return data;
  }
  void *data = pool().take(size);
  owned_.emplace_back(data, size);
  bytes_ += size;
  return data;
}

void Arena::give(void *data, size_t size) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!sealed_) free_[size].push_back(data);
}

Block makeBlock(size_t size, const std::shared_ptr<Arena> &arena) {
  const size_t rounded = roundUp(size);
  void *data = arena ? arena->take(rounded) : pool().take(rounded);
  auto *storage = new Storage{data, rounded, arena, false};
  return Block(storage, [](Storage *gone) {
    if (!gone->arena) pool().give(gone->data, gone->size);
    else gone->arena->give(gone->data, gone->size);
    delete gone;
  });
}

Pool &pool() {
  static Pool *shared = new Pool();  // never destroyed: finalizers of JavaScript views run late
  return *shared;
}

}  // namespace atelier
