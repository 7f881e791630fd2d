// Types of elements as JavaScript has them, and the arithmetic that JavaScript does on them.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#include <algorithm>

#include "op.h"

namespace atelier {

// The number that src/onednn/host-data.ts gives a type.
enum class Element { float32 = 0, int32 = 1, boolean = 2 };

inline Element elementOf(Call &call) {
  const int64_t code = call.integer();
  call.expect(code >= 0 && code <= 2, "a type of element expected: 0 float32, 1 int32, 2 bool");
  return static_cast<Element>(code);
}

inline size_t widthOf(Element type) { return type == Element::boolean ? 1 : 4; }

// What JavaScript stores when a number goes into an Int32Array: modulo 2^32, NaN and infinities as 0.
inline int32_t toInt32(double value) {
  if (value > -2147483649.0 && value < 2147483648.0) return static_cast<int32_t>(value);
  if (!std::isfinite(value)) return 0;
  const double rest = std::fmod(std::trunc(value), 4294967296.0);
  return static_cast<int32_t>(static_cast<uint32_t>(static_cast<int64_t>(rest)));
}

// Calls body with a value of the type, for its decltype.
template <typename Body>
auto withElement(Element type, const Body &body) {
  switch (type) {
    case Element::float32: return body(float{});
    case Element::int32: return body(int32_t{});
    default: return body(uint8_t{});
  }
}

}  // namespace atelier
