// bfloat16: the upper half of a float. Tensors between the operations of a training step are kept in it where the precision
// is bf16; JavaScript sees floats.
#pragma once
#include <cstdint>
#include <cstring>

namespace atelier {

// The upper half of a float's bits, rounded to nearest, ties to even. Every NaN stays one: quiet, of its sign.
inline uint16_t upperHalf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  return static_cast<uint16_t>((bits & 0x7fffffffu) > 0x7f800000u ? (bits >> 16) | 0x40u : rounded);
}

// A number as it lies in memory; arithmetic is the float's that it stands for.
struct Bf16 {
  uint16_t bits;
  Bf16() = default;
  explicit Bf16(float value) : bits(upperHalf(value)) {}
  Bf16 &operator=(float value) {
    bits = upperHalf(value);
    return *this;
  }
  operator float() const {
    const uint32_t wide = static_cast<uint32_t>(bits) << 16;
    float value;
    std::memcpy(&value, &wide, sizeof value);
    return value;
  }
};

inline float roundedToBf16(float value) { return static_cast<float>(Bf16(value)); }

}  // namespace atelier
