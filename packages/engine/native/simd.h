// Vectors of the width the compiler was told to use; arithmetic on them is the compiler's.
#pragma once
#include <cstdint>
#include <cstring>

namespace atelier {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#else
constexpr int kLanes = 8;
#endif

typedef float Vec __attribute__((vector_size(kLanes * sizeof(float))));

inline Vec load(const float *from) {
  Vec v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

inline void store(float *to, Vec v) { std::memcpy(to, &v, sizeof v); }

inline Vec splat(float value) { return value - Vec{}; }

}  // namespace atelier
