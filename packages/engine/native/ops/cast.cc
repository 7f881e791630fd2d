// Changes of type, and tensors of one value.
#include "../elements.h"

namespace atelier {

namespace {

constexpr int64_t kGrain = 16384;

template <typename To, typename From>
To converted(From value) {
  if constexpr (std::is_same_v<To, From>) return value;
  // a boolean of the cpu backend's holds 0 or 1; whatever else is true as it is in JavaScript
  else if constexpr (std::is_same_v<To, uint8_t>) return value != From{0};
  else if constexpr (std::is_same_v<From, float> && std::is_same_v<To, int32_t>) return toInt32(value);
  else return static_cast<To>(value);
}

template <typename From, typename To>
Work cast(Call &call, int64_t count) {
  const auto *x = call.input<From>(0, static_cast<size_t>(count));
  auto *y = call.output<To>(0, static_cast<size_t>(count));
  return [=] {
    parallel(count, kGrain, [=](int64_t from, int64_t to) {
      for (int64_t i = from; i < to; i++) y[i] = converted<To>(x[i]);
    });
  };
}

}  // namespace

// in: x; out: y. Numbers: elements, type of x, type of y.
ATELIER_OP(cast) {
  const int64_t count = call.size();
  const Element from = elementOf(call), to = elementOf(call);
  return withElement(from, [&](auto x) {
    return withElement(to, [&](auto y) { return cast<decltype(x), decltype(y)>(call, count); });
  });
}

// out: y. Numbers: elements, type, value.
ATELIER_OP(fill) {
  const int64_t count = call.size();
  const Element type = elementOf(call);
  const double value = call.number();
  return withElement(type, [&](auto sample) -> Work {
    using T = decltype(sample);
    auto *y = call.output<T>(0, static_cast<size_t>(count));
    T filled;
    if constexpr (std::is_same_v<T, float>) filled = static_cast<T>(value);
    else filled = static_cast<T>(toInt32(value));
    return [=] {
      parallel(count, kGrain, [=](int64_t from, int64_t to) { std::fill(y + from, y + to, filled); });
    };
  });
}

}  // namespace atelier
