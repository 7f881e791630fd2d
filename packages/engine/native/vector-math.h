// Exponentials that a compiler turns into vector code, the same bits on any number of lanes. Against the exact value, over a
// 37th of all floats: exp within 1.1 units in the last place, expm1 1.7, tanh 2.4; the logistic function 2 where it is normal.
#pragma once
#include <cstdint>
#include <cstring>

namespace atelier {

inline uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline float floatOf(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// exp(x) = 2^n exp(r), |r| <= log(2) / 2. 2^n in two factors, so that what is too small or too large for one float rounds
// as it should.
struct Exponent {
  float first, second;
  // exp(r) - 1
  float rest;

  explicit Exponent(float x) {
    x = x < -104.f ? -104.f : (x > 89.f ? 89.f : x);
    // adding this leaves the nearest whole number in the last bits
    constexpr float kRound = 12582912.f;
    const float shifted = x * 1.44269504088896341f + kRound;
    const float n = shifted - kRound;
    // log(2) in two parts: the product with the first is exact
    const float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
    // the series of exp(r) - 1
    float sum = 1.f / 5040.f;
    sum = sum * r + 1.f / 720.f;
    sum = sum * r + 1.f / 120.f;
    sum = sum * r + 1.f / 24.f;
    sum = sum * r + 1.f / 6.f;
    sum = sum * r + 0.5f;
    rest = sum * r * r + r;
    const uint32_t whole = bitsOf(shifted) - bitsOf(kRound);
    const uint32_t half = static_cast<uint32_t>(static_cast<int32_t>(whole) >> 1);
    first = floatOf((half + 127u) << 23);
    second = floatOf((whole - half + 127u) << 23);
  }
};

inline float vectorExp(float x) {
  const Exponent e(x);
  return (1.f + e.rest) * e.first * e.second;
}

inline float vectorExpm1(float x) {
  const Exponent e(x);
  const float scale = e.first * e.second;
  // beyond, the 1 is lost, and the scale may be infinite
  return x > 60.f ? (1.f + e.rest) * e.first * e.second : e.rest * scale + (scale - 1.f);
}

inline float vectorSigmoid(float x) { return 1.f / (1.f + vectorExp(-x)); }

// tanh(|x|) = expm1(2|x|) / (expm1(2|x|) + 2)
inline float vectorTanh(float x) {
  const float a = floatOf(bitsOf(x) & 0x7fffffffu);
  const float e = vectorExpm1(a > 10.f ? 20.f : 2.f * a);
  const float t = e / (e + 2.f);
  return floatOf(bitsOf(t) | (bitsOf(x) & 0x80000000u));
}

}  // namespace atelier
