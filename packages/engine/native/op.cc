#include "op.h"

#include <cstdlib>
#include <map>
#include <new>

#include <omp.h>

namespace atelier {

namespace {

std::map<std::string, Op> &table() {
  static std::map<std::string, Op> ops;
  return ops;
}

}  // namespace

Registration::Registration(const char *name, Op op) { table()[name] = op; }

Op findOp(const std::string &name) {
  auto found = table().find(name);
  return found == table().end() ? nullptr : found->second;
}

void *scratch(size_t bytes) {
  static Block block;
  if (!block || block->size < bytes) {
    block.reset();
    block = makeBlock(bytes);
  }
  return block->data;
}

// The number of threads is a setting of the thread that runs an operation, set before each.
int threads() { return omp_get_max_threads(); }

}  // namespace atelier
