// What a training step does besides products and normalization: dropout, the loss, updates in place.
#include <algorithm>
#include <cstring>

#include "../op.h"
#include "../simd.h"

namespace atelier {

namespace {

// The finalizer of MurmurHash3.
template <typename Word>
inline Word mix(Word h) {
  h ^= h >> 16;
  h *= 0x85ebca6bu;
  h ^= h >> 13;
  h *= 0xc2b2ae35u;
  return h ^ (h >> 16);
}

typedef uint32_t Words __attribute__((vector_size(32)));
typedef float Floats __attribute__((vector_size(32)));

// Clang's name for it, which GCC has from 12 on, and GCC's.
#ifdef __clang__
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, Words{__VA_ARGS__})
#endif

// The levels of sixteen elements: eight words, each its low half first.
struct Levels {
  Words low, high;
  Levels(uint32_t first, uint32_t k0, uint32_t k1) {
    const Words steps = {0, 1, 2, 3, 4, 5, 6, 7};
    const Words bits = mix(mix((steps + first) ^ k0) + k1);
    const Words even = bits & 0xffffu, odd = bits >> 16;
    low = SHUFFLE(even, odd, 0, 8, 1, 9, 2, 10, 3, 11);
    high = SHUFFLE(even, odd, 4, 12, 5, 13, 6, 14, 7, 15);
  }
};

inline void drop(Words levels, uint32_t dropped, float scale, const float *x, float *y) {
  Floats v;
  std::memcpy(&v, x, sizeof v);
  v = levels < dropped ? Floats{} : v * scale;
  std::memcpy(y, &v, sizeof v);
}

inline void drop(Words levels, uint32_t dropped, float scale, const Bf16 *x, Bf16 *y) {
  const Floats v = HalfLanes<Floats>::load(x);
  HalfLanes<Floats>::store(y, levels < dropped ? Floats{} : v * scale);
}

template <typename T>
Work dropout(int64_t count, uint32_t dropped, float scale, const T *x, const int32_t *key, T *y) {
  return [=] {
    const uint32_t k0 = static_cast<uint32_t>(key[0]), k1 = static_cast<uint32_t>(key[1]);
    // eight words at a time: sixteen elements
    const int64_t groups = (count + 15) / 16;
    parallel(groups, 256, [=](int64_t from, int64_t to) {
      const int64_t whole = std::min(to, count / 16);
      for (int64_t group = from; group < whole; group++) {
        const Levels levels(static_cast<uint32_t>(group * 8), k0, k1);
        drop(levels.low, dropped, scale, x + group * 16, y + group * 16);
        drop(levels.high, dropped, scale, x + group * 16 + 8, y + group * 16 + 8);
      }
      if (whole == to) return;
      for (int64_t i = whole * 16; i < count; i++) {
        const uint32_t bits = mix(mix(static_cast<uint32_t>(i / 2) ^ k0) + k1);
        y[i] = ((bits >> (16 * (i & 1))) & 0xffffu) < dropped ? 0.f : x[i] * scale;
      }
    });
  };
}

template <typename T>
Work reluGradient(int64_t count, const T *x, const T *dy, T *dx) {
  return [=] {
    parallel(count, 16384, [=](int64_t from, int64_t to) {
#pragma omp simd
      for (int64_t i = from; i < to; i++) {
        const float slope = dy[i];
        dx[i] = x[i] > 0.f ? slope : 0.f;
      }
    });
  };
}

}  // namespace

// in: x, key int32 [2]; out: y. Numbers: elements, rate. Bits and threshold: src/training/kernels.ts, SeededDropout.
ATELIER_OP(seededDropout) {
  const int64_t count = call.size();
  const double rate = call.number();
  call.expect(rate >= 0 && rate < 1, "a rate from 0 to below 1 expected");
  const auto elements = static_cast<size_t>(count);
  const auto *key = call.input<int32_t>(1, 2);
  const auto dropped = static_cast<uint32_t>(std::floor(rate * 65536 + 0.5));
  const auto scale = static_cast<float>(1 / (1 - rate));
  if (call.isHalfOutput(0))
    return dropout(count, dropped, scale, call.input<Bf16>(0, elements), key, call.output<Bf16>(0, elements));
  return dropout(count, dropped, scale, call.input<float>(0, elements), key, call.output<float>(0, elements));
}

// in: logits [n, classes], labels int32 [n]; out: loss [n], probabilities [n, classes]. Numbers: n, classes, smoothing.
ATELIER_OP(softmaxCrossEntropy) {
  const int64_t n = call.size(), classes = call.size();
  const double smoothing = call.number();
  const auto *logits = call.input<float>(0, product({n, classes}));
  const auto *labels = call.input<int32_t>(1, static_cast<size_t>(n));
  auto *loss = call.output<float>(0, static_cast<size_t>(n));
  auto *probabilities = call.output<float>(1, product({n, classes}));
  const double rest = classes > 0 ? smoothing / static_cast<double>(classes) : 0;
  return [=] {
    for (int64_t row = 0; row < n; row++) {
      const float *z = logits + row * classes;
      float *p = probabilities + row * classes;
      float most = -INFINITY;
      for (int64_t c = 0; c < classes; c++) most = std::max(most, z[c]);
      double total = 0, sum = 0;
      for (int64_t c = 0; c < classes; c++) {
        const double e = std::exp(static_cast<double>(z[c]) - most);
        total += e;
        sum += static_cast<double>(z[c]) - most;
      }
      const double log = std::log(total);
      for (int64_t c = 0; c < classes; c++) p[c] = static_cast<float>(std::exp(static_cast<double>(z[c]) - most) / total);
      const int64_t label = labels[row];
      double value = rest == 0 ? 0 : rest * (static_cast<double>(classes) * log - sum);
      if (label >= 0 && label < classes) value += (1 - smoothing) * (log - (static_cast<double>(z[label]) - most));
      loss[row] = static_cast<float>(value);
    }
  };
}

// in: probabilities [n, classes], labels int32 [n], dy [n]; out: gradient of the logits. Numbers: n, classes, smoothing.
ATELIER_OP(softmaxCrossEntropyGradient) {
  const int64_t n = call.size(), classes = call.size();
  const double smoothing = call.number();
  const auto *p = call.input<float>(0, product({n, classes}));
  const auto *labels = call.input<int32_t>(1, static_cast<size_t>(n));
  const auto *dy = call.input<float>(2, static_cast<size_t>(n));
  auto *out = call.output<float>(0, product({n, classes}));
  const auto rest = static_cast<float>(classes > 0 ? smoothing / static_cast<double>(classes) : 0);
  const auto hot = static_cast<float>(1 - smoothing);
  return [=] {
    for (int64_t row = 0; row < n; row++) {
      const int64_t label = labels[row];
      const float mass = (label >= 0 && label < classes ? hot : 0.f) + rest * static_cast<float>(classes);
      for (int64_t c = 0; c < classes; c++) {
        const float target = rest + (c == label ? hot : 0.f);
        out[row * classes + c] = (p[row * classes + c] * mass - target) * dy[row];
      }
    }
  };
}

namespace {

struct Update {
  float *p, *m, *v;
  const float *g;
  int64_t count;
  bool decays;
};

// Pieces of about this many elements, so that one large matrix is shared by all threads.
constexpr int64_t kUpdatePiece = 16384;

}  // namespace

// in: hyper [4], g0, g1, ...; out: p0, m0?, v0?, p1, m1?, v1?, ... in place. Numbers: kind (0 sgd, 1 adam, 2 adamw),
// momentum, nesterov, beta1, beta2, epsilon, weight decay, parameters, then of each: elements, decays.
ATELIER_OP(optimizerUpdate) {
  const int64_t kind = call.integer();
  call.expect(kind >= 0 && kind <= 2, "an optimizer 0 to 2 expected");
  const auto momentum = static_cast<float>(call.number());
  const bool nesterov = call.flag();
  const double beta1 = call.number(), beta2 = call.number();
  const auto epsilon = static_cast<float>(call.number());
  const double decay = call.number();
  const int64_t parameters = call.size();
  const auto *hyper = call.input<float>(0, 4);
  auto pieces = std::make_shared<std::vector<Update>>();
  for (int64_t i = 0; i < parameters; i++) {
    const int64_t count = call.size();
    const bool decays = call.flag();
    const auto elements = static_cast<size_t>(count), at = static_cast<size_t>(i);
    const float *g = call.input<float>(at + 1, elements);
    float *p = call.output<float>(3 * at, elements);
    float *m = kind > 0 || momentum != 0 ? call.output<float>(3 * at + 1, elements) : nullptr;
    float *v = kind > 0 ? call.output<float>(3 * at + 2, elements) : nullptr;
    for (int64_t from = 0; from < count; from += kUpdatePiece) {
      const int64_t length = std::min(kUpdatePiece, count - from);
      pieces->push_back({p + from, m ? m + from : nullptr, v ? v + from : nullptr, g + from, length, decays});
    }
  }
  const auto b1 = static_cast<float>(beta1), b2 = static_cast<float>(beta2);
  const auto rest1 = static_cast<float>(1 - beta1), rest2 = static_cast<float>(1 - beta2);
  return [=] {
    const float rate = hyper[0], scale1 = 1.f / hyper[1], scale2 = 1.f / hyper[2];
    const float shrink = kind == 2 ? static_cast<float>(1 - static_cast<double>(rate) * decay) : 1.f;
    parallel(static_cast<int64_t>(pieces->size()), 1, [&](int64_t from, int64_t to) {
      for (int64_t at = from; at < to; at++) {
        const Update u = (*pieces)[static_cast<size_t>(at)];
        float *p = u.p, *m = u.m, *v = u.v;
        const float *g = u.g;
        const float factor = u.decays ? shrink : 1.f;
        if (kind > 0) {
#pragma omp simd
          for (int64_t i = 0; i < u.count; i++) {
            m[i] = b1 * m[i] + rest1 * g[i];
            v[i] = b2 * v[i] + rest2 * g[i] * g[i];
            p[i] = p[i] * factor - rate * (m[i] * scale1) / (std::sqrt(v[i] * scale2) + epsilon);
          }
        } else if (m) {
#pragma omp simd
          for (int64_t i = 0; i < u.count; i++) {
            m[i] = momentum * m[i] + g[i];
            p[i] -= rate * (nesterov ? g[i] + momentum * m[i] : m[i]);
          }
        } else {
#pragma omp simd
          for (int64_t i = 0; i < u.count; i++) p[i] -= rate * g[i];
        }
      }
    });
  };
}

// in: x (input or output of the ReLU), dy; out: dx. Numbers: elements.
ATELIER_OP(reluGradient) {
  const int64_t count = call.size();
  const auto elements = static_cast<size_t>(count);
  if (call.isHalfOutput(0))
    return reluGradient(count, call.input<Bf16>(0, elements), call.input<Bf16>(1, elements),
                        call.output<Bf16>(0, elements));
  return reluGradient(count, call.input<float>(0, elements), call.input<float>(1, elements),
                      call.output<float>(0, elements));
}

// Copies bytes: in: any block; out: another. Numbers: bytes.
ATELIER_OP(copy) {
  const int64_t bytes = call.size();
  const auto *from = call.input<uint8_t>(0, static_cast<size_t>(bytes));
  auto *to = call.output<uint8_t>(0, static_cast<size_t>(bytes));
  return [=] { std::copy(from, from + bytes, to); };
}

}  // namespace atelier
