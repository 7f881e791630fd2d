#include "conversion.h"

#include <algorithm>

namespace atelier {

namespace {

constexpr int64_t kGrain = 16384;

template <typename From, typename To>
void convert(const From *from, To *to, int64_t count) {
  parallel(count, kGrain, [=](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; i++) to[i] = from[i];
  });
}

}  // namespace

void widen(const Bf16 *from, float *to, int64_t count) { convert(from, to, count); }

void narrow(const float *from, Bf16 *to, int64_t count) { convert(from, to, count); }

void roundToBf16(const float *from, float *to, int64_t count) {
  parallel(count, kGrain, [=](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; i++) to[i] = roundedToBf16(from[i]);
  });
}

Block Call::temporary(size_t bytes) {
  temporaries_.push_back(makeBlock(bytes, arena_));
  return temporaries_.back();
}

const float *Call::widened(size_t at, size_t count) {
  const auto *from = static_cast<const Bf16 *>(operand(in_, at, count, sizeof(Bf16), "input"));
  auto *to = static_cast<float *>(temporary(count * sizeof(float))->data);
  before_.push_back([=] { widen(from, to, static_cast<int64_t>(count)); });
  return to;
}

const Bf16 *Call::narrowed(size_t at, size_t count) {
  const auto *from = static_cast<const float *>(operand(in_, at, count, sizeof(float), "input"));
  auto *to = static_cast<Bf16 *>(temporary(count * sizeof(Bf16))->data);
  before_.push_back([=] { narrow(from, to, static_cast<int64_t>(count)); });
  return to;
}

const float *Call::roundedInput(size_t at, size_t count) {
  if (isHalfInput(at)) return widened(at, count);
  const auto *from = input<float>(at, count);
  auto *to = static_cast<float *>(temporary(count * sizeof(float))->data);
  before_.push_back([=] { roundToBf16(from, to, static_cast<int64_t>(count)); });
  return to;
}

template <>
float *Call::convertedResult<float>(size_t at, size_t count) {
  auto *to = output<Bf16>(at, count);
  auto *from = static_cast<float *>(temporary(count * sizeof(float))->data);
  after_.push_back([=] { narrow(from, to, static_cast<int64_t>(count)); });
  return from;
}

template <>
Bf16 *Call::convertedResult<Bf16>(size_t at, size_t count) {
  auto *to = output<float>(at, count);
  auto *from = static_cast<Bf16 *>(temporary(count * sizeof(Bf16))->data);
  after_.push_back([=] { widen(from, to, static_cast<int64_t>(count)); });
  return from;
}

Work Call::complete(Work work) const {
  if (before_.empty() && after_.empty()) return work;
  return [before = before_, work = std::move(work), after = after_] {
    for (const Work &each : before) each();
    work();
    for (const Work &each : after) each();
  };
}

// in: floats; out: the same as bf16. Numbers: elements.
ATELIER_OP(toBf16) {
  const int64_t count = call.size();
  const auto *x = call.input<float>(0, static_cast<size_t>(count));
  auto *y = call.output<Bf16>(0, static_cast<size_t>(count));
  return [=] { narrow(x, y, count); };
}

// in: bf16; out: the same as floats. Numbers: elements.
ATELIER_OP(fromBf16) {
  const int64_t count = call.size();
  const auto *x = call.input<Bf16>(0, static_cast<size_t>(count));
  auto *y = call.output<float>(0, static_cast<size_t>(count));
  return [=] { widen(x, y, count); };
}

}  // namespace atelier
