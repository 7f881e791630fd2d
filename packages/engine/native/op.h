// What an operation is: it reads its arguments once, checks every size, and answers with the work to do. A captured step
// keeps that work and does it again.
#pragma once
#include <cmath>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "bf16.h"
#include "block.h"

namespace atelier {

using Work = std::function<void()>;

// A shape or size that does not fit; becomes a JavaScript Error.
struct OpError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The product of sizes; every size is checked to be >= 0, and the product of those that are not 0 to fit memory: so does
// any part of it.
inline size_t product(const std::vector<int64_t> &sizes) {
  size_t total = 1;
  bool empty = false;
  for (int64_t size : sizes) {
    if (size < 0) throw OpError("negative size");
    if (size == 0) {
      empty = true;
      continue;
    }
    if (total > (size_t{1} << 46) / static_cast<size_t>(size)) throw OpError("size too large");
    total *= static_cast<size_t>(size);
  }
  return empty ? 0 : total;
}

// Arguments of one call. Numbers are read in order; operands by position, with the elements they must hold.
//
// A block holds floats or bf16. An operation asks for the type it computes with; where the block has the other one, a
// conversion is done before its work (inputs) or after it (results). So any operation takes any block, and only those that
// gain from it look at what a block has.
class Call {
 public:
  // `arena`: where memory for conversions comes from; null outside of a capture.
  Call(std::string name, std::vector<double> numbers, std::vector<Block> in, std::vector<Block> out,
       std::shared_ptr<Arena> arena = nullptr)
      : name_(std::move(name)),
        numbers_(std::move(numbers)),
        in_(std::move(in)),
        out_(std::move(out)),
        arena_(std::move(arena)) {}

  const std::string &name() const { return name_; }

  double number() {
    if (next_ >= numbers_.size()) fail("too few numbers");
    return numbers_[next_++];
  }

  int64_t integer() {
    const double value = number();
    if (!(std::abs(value) <= 9007199254740992.0) || value != std::floor(value)) fail("a whole number expected");
    return static_cast<int64_t>(value);
  }

  int64_t size() {
    const int64_t value = integer();
    if (value < 0 || value > (int64_t{1} << 46)) fail("a size expected");
    return value;
  }

  // A list: its length, then its members.
  std::vector<int64_t> integers(size_t most = 64) {
    const int64_t count = size();
    if (static_cast<size_t>(count) > most) fail("list too long");
    std::vector<int64_t> list(static_cast<size_t>(count));
    for (auto &item : list) item = integer();
    return list;
  }

  std::vector<int64_t> sizes(size_t most = 64) {
    auto list = integers(most);
    product(list);
    return list;
  }

  bool flag() { return integer() != 0; }

  template <typename T>
  const T *input(size_t at, size_t count) {
    if constexpr (std::is_same_v<T, Bf16>) {
      if (hasInput(at) && !in_[at]->half) return narrowed(at, count);
    } else if (isHalfInput(at)) {
      // operations that only move numbers take them as bytes or words
      return reinterpret_cast<const T *>(widened(at, (count * sizeof(T) + sizeof(float) - 1) / sizeof(float)));
    }
    return static_cast<const T *>(operand(in_, at, count, sizeof(T), "input"));
  }

  // An operand that may be missing: null then.
  template <typename T>
  const T *optionalInput(size_t at, size_t count) {
    return hasInput(at) ? input<T>(at, count) : nullptr;
  }

  // Floats that bf16 holds: the operand of a product that is computed in fp32 as if it were bf16.
  const float *roundedInput(size_t at, size_t count);

  bool hasInput(size_t at) const { return at < in_.size() && in_[at] != nullptr; }
  bool hasOutput(size_t at) const { return at < out_.size() && out_[at] != nullptr; }
  bool isHalfInput(size_t at) const { return hasInput(at) && in_[at]->half; }
  bool isHalfOutput(size_t at) const { return hasOutput(at) && out_[at]->half; }
  size_t inputs() const { return in_.size(); }
  size_t outputs() const { return out_.size(); }

  template <typename T>
  T *output(size_t at, size_t count) const {
    return static_cast<T *>(const_cast<void *>(operand(out_, at, count, sizeof(T), "output")));
  }

  template <typename T>
  T *optionalOutput(size_t at, size_t count) const {
    return hasOutput(at) ? output<T>(at, count) : nullptr;
  }

  // Numbers to write and not to read, whatever the block has.
  template <typename T>
  T *result(size_t at, size_t count) {
    static_assert(std::is_same_v<T, float> || std::is_same_v<T, Bf16>);
    if (hasOutput(at) && isHalfOutput(at) != std::is_same_v<T, Bf16>) return convertedResult<T>(at, count);
    return output<T>(at, count);
  }

  // Memory until the work was done for the first time; in a capture it is there again at every replay.
  Block temporary(size_t bytes);

  // The operation's work between the conversions that it asked for.
  Work complete(Work work) const;

  [[noreturn]] void fail(const std::string &reason) const { throw OpError(name_ + ": " + reason); }
  void expect(bool holds, const char *reason) const {
    if (!holds) fail(reason);
  }

  const std::vector<Block> &in() const { return in_; }
  const std::vector<Block> &out() const { return out_; }

 private:
  const void *operand(const std::vector<Block> &list, size_t at, size_t count, size_t width, const char *what) const {
    if (at >= list.size() || list[at] == nullptr) fail(std::string(what) + " " + std::to_string(at) + " is missing");
    if (list[at]->half != (width == sizeof(Bf16)))
      fail(std::string(what) + " " + std::to_string(at) + (list[at]->half ? " holds bf16" : " holds no bf16"));
    if (count > list[at]->size / width) {
      fail(std::string(what) + " " + std::to_string(at) + " holds " + std::to_string(list[at]->size) + " bytes, " +
           std::to_string(count) + " elements of " + std::to_string(width) + " bytes expected");
    }
    return list[at]->data;
  }

  const float *widened(size_t at, size_t count);
  const Bf16 *narrowed(size_t at, size_t count);
  template <typename T>
  T *convertedResult(size_t at, size_t count);

  std::string name_;
  std::vector<double> numbers_;
  size_t next_ = 0;
  std::vector<Block> in_;
  std::vector<Block> out_;
  std::shared_ptr<Arena> arena_;
  std::vector<Block> temporaries_;
  std::vector<Work> before_, after_;
};

using Op = Work (*)(Call &);

// Registers an operation under its name when the library is loaded.
struct Registration {
  Registration(const char *name, Op op);
};

// Null for a name that is no operation.
Op findOp(const std::string &name);

#define ATELIER_OP(name) \
  static Work name##Op(Call &); \
  static Registration name##Registration(#name, name##Op); \
  static Work name##Op(Call &call)

// Memory for the length of one operation's work, shared by all of them: operations never overlap.
void *scratch(size_t bytes);

int threads();

// Calls body(begin, end) on pieces of [0, count), one per thread at most, none smaller than `grain`. Pieces depend on
// count, grain and the thread count alone.
template <typename Body>
void parallel(int64_t count, int64_t grain, const Body &body) {
  const int64_t most = grain > 0 ? (count + grain - 1) / grain : count;
  const int64_t pieces = std::min<int64_t>(threads(), most);
  if (pieces <= 1) {
    if (count > 0) body(int64_t{0}, count);
    return;
  }
#pragma omp parallel for schedule(static, 1) num_threads(static_cast<int>(pieces))
  for (int64_t piece = 0; piece < pieces; piece++) body(count * piece / pieces, count * (piece + 1) / pieces);
}

}  // namespace atelier
