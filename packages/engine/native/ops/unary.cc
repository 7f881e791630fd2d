// Elementwise functions of one tensor, as the cpu backend defines them.
#include "../elements.h"
#include "../vector-math.h"

namespace atelier {

namespace {

constexpr int64_t kGrain = 8192;
// Vector and scalar code of one function may differ in the last bit (products and sums are fused or not). Whole blocks
// always go through the same code, so that a value does not depend on its place or on the number of threads.
constexpr int64_t kBlock = 64;

struct None {
  explicit None(Call &) {}
};

template <typename F, typename In, typename Out>
__attribute__((noinline)) void block(const F &given, const In *x, Out *y) {
  // a copy: y could be where the numbers of F lie, for all the compiler knows
  const F f = given;
#pragma omp simd
  for (int64_t i = 0; i < kBlock; i++) y[i] = static_cast<Out>(f(x[i]));
}

template <typename F, typename In, typename Out>
void blocks(const F &f, const In *x, Out *y, int64_t count) {
  int64_t i = 0;
  for (; i + kBlock <= count; i += kBlock) block(f, x + i, y + i);
  if (i == count) return;
  In in[kBlock] = {};
  Out out[kBlock];
  std::copy(x + i, x + count, in);
  block(f, in, out);
  std::copy(out, out + (count - i), y + i);
}

// in: x; out: y. Numbers: elements, then what F takes.
template <typename F, typename In = float, typename Out = In>
Work unary(Call &call) {
  const int64_t count = call.size();
  const F f(call);
  const auto *x = call.input<In>(0, static_cast<size_t>(count));
  auto *y = call.output<Out>(0, static_cast<size_t>(count));
  return [=] {
    parallel((count + kBlock - 1) / kBlock, kGrain / kBlock, [=](int64_t from, int64_t to) {
      const int64_t first = from * kBlock;
      blocks(f, x + first, y + first, std::min(count, to * kBlock) - first);
    });
  };
}

#define UNARY(name, expression) \
  struct name : None { \
    using None::None; \
    float operator()(float x) const { return expression; } \
  }; \
  Registration name##Registration(#name, unary<name>);

// Rare ones: as JavaScript computes them, then rounded.
#define UNARY_DOUBLE(name) UNARY(name, static_cast<float>(std::name(static_cast<double>(x))))

UNARY(relu, x > 0.f || x != x ? x : 0.f)
UNARY(relu6, x > 6.f ? 6.f : (x > 0.f || x != x ? x : 0.f))
UNARY(elu, x >= 0.f ? x : vectorExpm1(x))
UNARY(selu, x >= 0.f ? 1.0507009873554804934193349852946f * x : 1.7580993408473768599402175208123f * vectorExpm1(x))
UNARY(sigmoid, vectorSigmoid(x))
UNARY(tanh, vectorTanh(x))
UNARY(exp, vectorExp(x))
UNARY(expm1, vectorExpm1(x))
UNARY(log, std::log(x))
UNARY_DOUBLE(log1p)
UNARY(sqrt, std::sqrt(x))
UNARY(rsqrt, 1.f / std::sqrt(x))
UNARY(square, x * x)
UNARY(abs, std::fabs(x))
UNARY(neg, -x)
UNARY(sign, static_cast<float>((x > 0.f) - (x < 0.f)))
UNARY(floor, std::floor(x))
UNARY(ceil, std::ceil(x))
// to even, as floating point rounds by default
UNARY(round, std::nearbyint(x))
UNARY(reciprocal, 1.f / x)
UNARY_DOUBLE(sin)
UNARY_DOUBLE(cos)
UNARY_DOUBLE(tan)
UNARY_DOUBLE(sinh)
UNARY_DOUBLE(cosh)
UNARY_DOUBLE(asin)
UNARY_DOUBLE(acos)
UNARY_DOUBLE(atan)
UNARY_DOUBLE(asinh)
UNARY_DOUBLE(acosh)
UNARY_DOUBLE(atanh)
// Beyond these the sum rounds to exp(x) or to x: log(2^-23) + 2.
UNARY(softplus, x < -13.942385f ? vectorExp(x) : (x > 13.942385f ? x : std::log(1.f + vectorExp(x))))

// Abramowitz and Stegun 7.1.26, as TensorFlow.js has it.
UNARY(erf, ([](float v) {
        const float a = std::fabs(v), t = 1.f / (1.f + 0.3275911f * a);
        const float sum = ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f) * t;
        const float value = 1.f - sum * vectorExp(-a * a);
        return v < 0.f ? -value : (v > 0.f || v != v ? value : 0.f * v);
      })(x))

struct Alpha {
  float alpha;
  explicit Alpha(Call &call) : alpha(static_cast<float>(call.number())) {}
};

struct leakyRelu : Alpha {
  using Alpha::Alpha;
  float operator()(float x) const { return x < 0.f ? alpha * x : x; }
};
Registration leakyReluRegistration("leakyRelu", unary<leakyRelu>);

struct step : Alpha {
  using Alpha::Alpha;
  float operator()(float x) const { return x != x ? x : (x > 0.f ? 1.f : alpha); }
};
Registration stepRegistration("step", unary<step>);

template <typename T>
struct Clip {
  T least, most;
  explicit Clip(Call &call) {
    const double low = call.number(), high = call.number();
    least = static_cast<T>(low);
    most = static_cast<T>(high);
  }
  T operator()(T x) const { return x > most ? most : (x < least ? least : x); }
};
Registration clipRegistration("clipByValue", unary<Clip<float>>);

#define UNARY_TEST(name, In, expression) \
  struct name : None { \
    using None::None; \
    uint8_t operator()(In x) const { return expression; } \
  }; \
  Registration name##Registration(#name, unary<name, In, uint8_t>);

UNARY_TEST(isNan, float, x != x)
UNARY_TEST(isInf, float, std::fabs(x) == INFINITY)
UNARY_TEST(isFinite, float, std::fabs(x) < INFINITY)
UNARY_TEST(logicalNot, uint8_t, x == 0)

// Whole numbers wrap around; the negative of the smallest is itself.
#define UNARY_INT(name, expression) \
  struct name : None { \
    using None::None; \
    int32_t operator()(int32_t x) const { \
      [[maybe_unused]] const auto bits = static_cast<uint32_t>(x); \
      return static_cast<int32_t>(expression); \
    } \
  }; \
  Registration name##Registration(#name, unary<name, int32_t>);

UNARY_INT(negInt, 0u - bits)
UNARY_INT(signInt, (x > 0) - (x < 0))
UNARY_INT(reluInt, x > 0 ? x : 0)

}  // namespace

}  // namespace atelier
