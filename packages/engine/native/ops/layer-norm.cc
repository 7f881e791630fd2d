// Layer normalization over the last dimension (Ba, Kiros and Hinton 2016) and its gradients.
#include <algorithm>

#include "../op.h"
#include "../simd.h"

namespace atelier {

namespace {

// Sums of the parameters' gradients are cut by the shape alone: the same bits on any number of threads.
constexpr int64_t kPieces = 32;

// The sum over i of f(i), f in vectors where they fit.
template <typename Vector, typename Scalar>
float sumOver(int64_t width, const Vector &vector, const Scalar &scalar) {
  Vec a{}, b{};
  int64_t i = 0;
  for (; i + 2 * kLanes <= width; i += 2 * kLanes) {
    a += vector(i);
    b += vector(i + kLanes);
  }
  for (; i + kLanes <= width; i += kLanes) a += vector(i);
  float sum = sumOf(a + b);
  for (; i < width; i++) sum += scalar(i);
  return sum;
}

}  // namespace

// in: x [rows, width], scale?, offset? [width]; out: y, mean [rows], inverse [rows] = 1 / sqrt(variance + epsilon).
// Numbers: rows, width, epsilon.
ATELIER_OP(layerNorm) {
  const int64_t rows = call.size(), width = call.size();
  const auto epsilon = static_cast<float>(call.number());
  const size_t count = product({rows, width}), across = static_cast<size_t>(width), down = static_cast<size_t>(rows);
  const auto *x = call.input<float>(0, count);
  const auto *scale = call.optionalInput<float>(1, across), *offset = call.optionalInput<float>(2, across);
  auto *y = call.output<float>(0, count);
  auto *means = call.output<float>(1, down), *inverses = call.output<float>(2, down);
  return [=] {
    if (count == 0) return;
    const float share = 1.f / static_cast<float>(width);
    parallel(rows, std::max<int64_t>(1, 4096 / width), [=](int64_t from, int64_t to) {
      for (int64_t row = from; row < to; row++) {
        const float *v = x + row * width;
        float *into = y + row * width;
        const float mean = share * sumOver(width, [=](int64_t i) { return load(v + i); }, [=](int64_t i) { return v[i]; });
        const float variance = share * sumOver(
            width, [=](int64_t i) { const Vec d = load(v + i) - mean; return d * d; },
            [=](int64_t i) { return (v[i] - mean) * (v[i] - mean); });
        const float inverse = 1.f / std::sqrt(variance + epsilon);
        means[row] = mean;
        inverses[row] = inverse;
        if (scale && offset) {
#pragma omp simd
          for (int64_t i = 0; i < width; i++) into[i] = (v[i] - mean) * inverse * scale[i] + offset[i];
        } else {
#pragma omp simd
          for (int64_t i = 0; i < width; i++)
            into[i] = (v[i] - mean) * inverse * (scale ? scale[i] : 1.f) + (offset ? offset[i] : 0.f);
        }
      }
    });
  };
}

// in: dy, x [rows, width], scale? [width], mean, inverse [rows]; out: dx, dscale, doffset [width]. With h = (x - mean) inverse
// and g = dy scale: dx = inverse (g - mean(g) - h mean(g h)), dscale = sum(dy h), doffset = sum(dy). Numbers: rows, width.
ATELIER_OP(layerNormGradient) {
  const int64_t rows = call.size(), width = call.size();
  const size_t count = product({rows, width}), across = static_cast<size_t>(width), down = static_cast<size_t>(rows);
  const auto *dy = call.input<float>(0, count), *x = call.input<float>(1, count);
  const auto *scale = call.optionalInput<float>(2, across);
  const auto *means = call.input<float>(3, down), *inverses = call.input<float>(4, down);
  auto *dx = call.output<float>(0, count);
  auto *dscale = call.output<float>(1, across), *doffset = call.output<float>(2, across);
  product({kPieces, 3, width});
  return [=] {
    const int64_t pieces = std::max<int64_t>(1, std::min(kPieces, count == 0 ? 0 : rows));
    // of each piece: sums of dy h and of dy; and ones where there is no scale
    auto *sums = static_cast<float *>(scratch(static_cast<size_t>(pieces * 2 * width + width) * sizeof(float)));
    float *ones = sums + pieces * 2 * width;
    std::fill(ones, ones + width, 1.f);
    const float *factor = scale ? scale : ones;
    const float share = width > 0 ? 1.f / static_cast<float>(width) : 0.f;
    parallel(pieces, 1, [=](int64_t from, int64_t to) {
      for (int64_t piece = from; piece < to; piece++) {
        float *byScale = sums + piece * 2 * width, *byOffset = byScale + width;
        std::fill(byScale, byScale + 2 * width, 0.f);
        for (int64_t row = rows * piece / pieces; row < rows * (piece + 1) / pieces; row++) {
          const float *v = x + row * width, *given = dy + row * width;
          float *into = dx + row * width;
          const float mean = means[row], inverse = inverses[row];
          const float a = share * sumOver(width, [=](int64_t i) { return load(given + i) * load(factor + i); },
                                          [=](int64_t i) { return given[i] * factor[i]; });
          const float b = share * inverse *
                          sumOver(width, [=](int64_t i) { return load(given + i) * load(factor + i) * (load(v + i) - mean); },
                                  [=](int64_t i) { return given[i] * factor[i] * (v[i] - mean); });
#pragma omp simd
          for (int64_t i = 0; i < width; i++) {
            const float h = (v[i] - mean) * inverse;
            byScale[i] += given[i] * h;
            byOffset[i] += given[i];
            into[i] = inverse * (given[i] * factor[i] - a - h * b);
          }
        }
      }
    });
    for (int64_t i = 0; i < width; i++) {
      double first = 0, second = 0;
      for (int64_t piece = 0; piece < pieces; piece++) {
        first += static_cast<double>(sums[piece * 2 * width + i]);
        second += static_cast<double>(sums[piece * 2 * width + width + i]);
      }
      dscale[i] = static_cast<float>(first);
      doffset[i] = static_cast<float>(second);
    }
  };
}

}  // namespace atelier
