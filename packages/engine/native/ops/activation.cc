// Smooth activations and their gradients: SiLU, GELU (by erf), hard-swish.
#include <algorithm>

#include "../op.h"
#include "../vector-math.h"

namespace atelier {

namespace {

constexpr int64_t kGrain = 8192;
// Whole blocks go through the same code, so that a value does not depend on its place or on the number of threads.
constexpr int64_t kBlock = 64;

struct Silu {
  static float value(float x) { return x * vectorSigmoid(x); }
  static float slope(float x) {
    const float s = vectorSigmoid(x);
    return s * (1.f + x * (1.f - s));
  }
};

// x Phi(x), Phi the normal distribution: erf by Abramowitz and Stegun 7.1.26 (1.5e-7), whose exponential is the density's.
struct Gelu {
  struct Normal {
    float phi, exponential;
    explicit Normal(float x) {
      const float a = (x < 0.f ? -x : x) * 0.70710678118654752f, t = 1.f / (1.f + 0.3275911f * a);
      const float sum = ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f) * t;
      exponential = vectorExp(-a * a);
      const float tail = 0.5f * sum * exponential;
      phi = x < 0.f ? tail : 1.f - tail;
    }
  };
  static float value(float x) { return x * Normal(x).phi; }
  static float slope(float x) {
    const Normal n(x);
    return n.phi + x * 0.39894228040143268f * n.exponential;
  }
};

// x clip(x + 3, 0, 6) / 6
struct HardSwish {
  static float value(float x) {
    const float gate = x + 3.f;
    return x * (gate > 6.f ? 6.f : (gate < 0.f ? 0.f : gate)) * (1.f / 6.f);
  }
  static float slope(float x) { return x >= 3.f ? 1.f : (x <= -3.f ? 0.f : x * (1.f / 3.f) + 0.5f); }
};

template <typename F>
__attribute__((noinline)) void block(const float *x, const float *dy, float *y) {
  if (dy) {
#pragma omp simd
    for (int64_t i = 0; i < kBlock; i++) y[i] = F::slope(x[i]) * dy[i];
  } else {
#pragma omp simd
    for (int64_t i = 0; i < kBlock; i++) y[i] = F::value(x[i]);
  }
}

template <typename F>
Work work(int64_t count, const float *x, const float *dy, float *y) {
  return [=] {
    parallel((count + kBlock - 1) / kBlock, kGrain / kBlock, [=](int64_t from, int64_t to) {
      const int64_t whole = std::min(to, count / kBlock);
      for (int64_t at = from; at < whole; at++) block<F>(x + at * kBlock, dy ? dy + at * kBlock : nullptr, y + at * kBlock);
      if (whole == to) return;
      float values[kBlock] = {}, slopes[kBlock] = {}, out[kBlock];
      const int64_t first = whole * kBlock;
      std::copy(x + first, x + count, values);
      if (dy) std::copy(dy + first, dy + count, slopes);
      block<F>(values, dy ? slopes : nullptr, out);
      std::copy(out, out + (count - first), y + first);
    });
  };
}

Work activation(Call &call, bool gradient) {
  const int64_t kind = call.integer(), count = call.size();
  call.expect(kind >= 0 && kind <= 2, "an activation 0 to 2 expected");
  const auto elements = static_cast<size_t>(count);
  const auto *x = call.input<float>(0, elements);
  const auto *dy = gradient ? call.input<float>(1, elements) : nullptr;
  auto *y = call.output<float>(0, elements);
  if (kind == 0) return work<Silu>(count, x, dy, y);
  return kind == 1 ? work<Gelu>(count, x, dy, y) : work<HardSwish>(count, x, dy, y);
}

}  // namespace

// in: x; out: y. Numbers: kind (0 SiLU, 1 GELU, 2 hard-swish), elements.
ATELIER_OP(activation) { return activation(call, false); }

// in: x, dy; out: dx. Numbers: as above.
ATELIER_OP(activationGradient) { return activation(call, true); }

}  // namespace atelier
