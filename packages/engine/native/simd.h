// Vectors of the width the compiler was told to use; arithmetic on them is the compiler's.
#pragma once
#include <cstdint>
#include <cstring>

#include "bf16.h"

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

inline float sumOf(Vec v) {
  float lanes[kLanes];
  store(lanes, v);
  for (int half = kLanes / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
  return lanes[0];
}

// Vectors of words and half words beside one of so many floats.
template <int lanes>
struct BesideFloats;
template <>
struct BesideFloats<8> {
  typedef uint32_t Words __attribute__((vector_size(32)));
  typedef uint16_t Halves __attribute__((vector_size(16)));
};
template <>
struct BesideFloats<16> {
  typedef uint32_t Words __attribute__((vector_size(64)));
  typedef uint16_t Halves __attribute__((vector_size(32)));
};

// bf16 in vectors: Float is a vector of 8 or 16 floats.
template <typename Float>
struct HalfLanes {
  using Words = typename BesideFloats<sizeof(Float) / sizeof(float)>::Words;
  using Halves = typename BesideFloats<sizeof(Float) / sizeof(float)>::Halves;

  // The bits of bf16's numbers, rounded as upperHalf does, in the lower halves.
  static Words round(Float v) {
    Words bits;
    std::memcpy(&bits, &v, sizeof bits);
    const Words upper = bits >> 16, rounded = (bits + 0x7fffu + (upper & 1u)) >> 16;
    return (bits & 0x7fffffffu) > 0x7f800000u ? (upper | 0x40u) : rounded;
  }

  static Float widen(Words halves) {
    const Words bits = halves << 16;
    Float v;
    std::memcpy(&v, &bits, sizeof v);
    return v;
  }

  static Float load(const Bf16 *from) {
    Halves halves;
    std::memcpy(&halves, from, sizeof halves);
    return widen(__builtin_convertvector(halves, Words));
  }

  static void store(Bf16 *to, Float v) {
    const Halves halves = __builtin_convertvector(round(v), Halves);
    std::memcpy(to, &halves, sizeof halves);
  }
};

inline Vec load(const Bf16 *from) { return HalfLanes<Vec>::load(from); }
inline void store(Bf16 *to, Vec v) { HalfLanes<Vec>::store(to, v); }

// Each lane the nearest that bf16 holds.
inline Vec roundedToBf16(Vec v) { return HalfLanes<Vec>::widen(HalfLanes<Vec>::round(v)); }

}  // namespace atelier
