// Elementwise functions of two tensors with broadcasting, as the cpu backend defines them.
#include <memory>
#include <optional>

#include "../broadcast.h"
#include "../elements.h"

namespace atelier {

namespace {

constexpr int64_t kGrain = 8192;

// One stretch: each side moves along or stands still.
template <typename F, typename In, typename Out>
void stretch(const In *a, bool aMoves, const In *b, bool bMoves, Out *y, int64_t length) {
  const F f{};
  if (aMoves && bMoves) {
#pragma omp simd
    for (int64_t i = 0; i < length; i++) y[i] = static_cast<Out>(f(a[i], b[i]));
  } else if (aMoves) {
    const In right = *b;
#pragma omp simd
    for (int64_t i = 0; i < length; i++) y[i] = static_cast<Out>(f(a[i], right));
  } else {
    const In left = *a;
#pragma omp simd
    for (int64_t i = 0; i < length; i++) y[i] = static_cast<Out>(f(left, b[i]));
  }
}

// A matrix beside a row that every row of it meets.
struct Rows {
  int64_t rows, columns;
  bool matrixFirst;

  // Where it pays: rows of some length are stretches as they are.
  static std::optional<Rows> of(const Broadcast<2> &plan) {
    if (plan.sizes.size() != 2 || plan.sizes[1] > 512 || plan.sizes[0] < 8) return std::nullopt;
    const auto &[a, b] = plan.strides;
    if (a[1] == 0 || b[1] == 0 || (a[0] != 0) == (b[0] != 0)) return std::nullopt;
    return Rows{plan.sizes[0], plan.sizes[1], a[0] != 0};
  }
};

// The row is repeated, so that many rows of the matrix are one stretch.
template <typename F, typename In, typename Out>
Work byRows(const Rows &shape, const In *a, const In *b, Out *y) {
  const int64_t together = std::min<int64_t>(shape.rows, 2048 / shape.columns);
  const auto memory = std::make_shared<std::vector<In>>(static_cast<size_t>(together * shape.columns));
  return [=] {
    In *repeated = memory->data();
    const In *row = shape.matrixFirst ? b : a;
    for (int64_t i = 0; i < together; i++) std::copy(row, row + shape.columns, repeated + i * shape.columns);
    parallel(shape.rows, std::max<int64_t>(1, kGrain / shape.columns), [=](int64_t from, int64_t to) {
      for (int64_t at = from; at < to; at += together) {
        const int64_t place = at * shape.columns, length = std::min(together, to - at) * shape.columns;
        if (shape.matrixFirst) stretch<F>(a + place, true, repeated, true, y + place, length);
        else stretch<F>(repeated, true, b + place, true, y + place, length);
      }
    });
  };
}

// in: a, b; out: y. Numbers: shape of a, shape of b.
template <typename F, typename In = float, typename Out = In>
Work binary(Call &call) {
  const std::vector<int64_t> shapes[2] = {call.sizes(), call.sizes()};
  const Broadcast<2> plan(call, shapes);
  const auto *a = call.input<In>(0, plan.counts[0]);
  const auto *b = call.input<In>(1, plan.counts[1]);
  auto *y = call.output<Out>(0, plan.count);
  const bool aMoves = plan.strides[0].back() != 0, bMoves = plan.strides[1].back() != 0;
  if (const auto rows = Rows::of(plan)) return byRows<F>(*rows, a, b, y);
  return [=] {
    plan.each(kGrain, [&](int64_t at, int64_t length, const int64_t *offsets) {
      stretch<F>(a + offsets[0], aMoves, b + offsets[1], bMoves, y + at, length);
    });
  };
}

#define BINARY_OF(name, In, Out, Work, expression) \
  struct name { \
    Out operator()(In left, In right) const { \
      const Work a = static_cast<Work>(left), b = static_cast<Work>(right); \
      return expression; \
    } \
  }; \
  Registration name##Registration(#name, binary<name, In, Out>);

#define BINARY(name, expression) BINARY_OF(name, float, float, float, expression)
// Whole numbers as JavaScript has them: computed as doubles, stored modulo 2^32.
#define BINARY_INT(name, expression) BINARY_OF(name##Int, int32_t, int32_t, double, toInt32(expression))
#define WRAPPING(name, expression) BINARY_OF(name##Int, int32_t, int32_t, uint32_t, static_cast<int32_t>(expression))

double power(double a, double b) {
  // C has 1 for these, JavaScript NaN
  if (b != b || ((a == 1 || a == -1) && std::isinf(b))) return NAN;
  return std::pow(a, b);
}

double modulo(double a, double b) {
  const double rest = std::fmod(a, b);
  return (a < 0 && b < 0) || (a >= 0 && b >= 0) ? rest : std::fmod(rest + b, b);
}

BINARY(add, a + b)
BINARY(sub, a - b)
BINARY(multiply, a *b)
BINARY(realDiv, a / b)
BINARY(maximum, a > b || a != a ? a : b)
BINARY(minimum, a < b || a != a ? a : b)
BINARY(squaredDifference, (a - b) * (a - b))
BINARY(prelu, a < 0.f ? a *b : a)
// of y = elu(x): dy, y
BINARY(eluGradient, b >= 0.f ? a : a *(b + 1.f))
BINARY_OF(pow, float, float, double, static_cast<float>(power(a, b)))
BINARY_OF(mod, float, float, double, static_cast<float>(modulo(a, b)))
BINARY_OF(atan2, float, float, double, static_cast<float>(std::atan2(a, b)))

WRAPPING(add, a + b)
WRAPPING(sub, a - b)
// the product of doubles: JavaScript rounds it to 53 bits before it takes the low 32
BINARY_INT(multiply, a *b)
BINARY_INT(realDiv, a / b)
BINARY_INT(maximum, a > b ? a : b)
BINARY_INT(minimum, a < b ? a : b)
BINARY_INT(squaredDifference, (a - b) * (a - b))
BINARY_INT(floorDiv, std::floor(a / b))
BINARY_INT(mod, modulo(a, b))
BINARY_INT(pow, power(a, b))
BINARY_OF(floorDiv, float, int32_t, double, toInt32(std::floor(a / b)))

#define COMPARISON(name, op) \
  BINARY_OF(name, float, uint8_t, float, a op b) \
  BINARY_OF(name##Int, int32_t, uint8_t, int32_t, a op b) \
  BINARY_OF(name##Bool, uint8_t, uint8_t, int32_t, a op b)

COMPARISON(equal, ==)
COMPARISON(notEqual, !=)
COMPARISON(less, <)
COMPARISON(lessEqual, <=)
COMPARISON(greater, >)
COMPARISON(greaterEqual, >=)
BINARY_OF(logicalAnd, uint8_t, uint8_t, int32_t, a != 0 && b != 0)
BINARY_OF(logicalOr, uint8_t, uint8_t, int32_t, a != 0 || b != 0)

}  // namespace

// in: one or more tensors; out: their sum. Numbers: elements.
ATELIER_OP(addN) {
  const int64_t count = call.size();
  std::vector<const float *> terms;
  for (size_t i = 0; i < call.inputs(); i++) terms.push_back(call.input<float>(i, static_cast<size_t>(count)));
  call.expect(!terms.empty(), "one tensor or more expected");
  auto *y = call.output<float>(0, static_cast<size_t>(count));
  return [=] {
    parallel(count, kGrain, [&](int64_t from, int64_t to) {
      constexpr int64_t kBlock = 1024;
      for (int64_t at = from; at < to; at += kBlock) {
        const int64_t length = std::min(kBlock, to - at);
        float sum[kBlock];
        std::copy(terms[0] + at, terms[0] + at + length, sum);
        for (size_t k = 1; k < terms.size(); k++)
          for (int64_t i = 0; i < length; i++) sum[i] += terms[k][at + i];
        std::copy(sum, sum + length, y + at);
      }
    });
  };
}

// in: condition (bool), t, e; out: t where the condition holds, else e. Numbers: elements, type of t and e.
ATELIER_OP(select) {
  const int64_t count = call.size();
  return withElement(elementOf(call), [&](auto sample) -> Work {
    using T = decltype(sample);
    const auto *condition = call.input<uint8_t>(0, static_cast<size_t>(count));
    const auto *t = call.input<T>(1, static_cast<size_t>(count));
    const auto *e = call.input<T>(2, static_cast<size_t>(count));
    auto *y = call.output<T>(0, static_cast<size_t>(count));
    return [=] {
      parallel(count, kGrain, [=](int64_t from, int64_t to) {
#pragma omp simd
        for (int64_t i = from; i < to; i++) y[i] = condition[i] == 1 ? t[i] : e[i];
      });
    };
  });
}

}  // namespace atelier
