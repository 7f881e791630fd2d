// Batch normalization with known statistics, as at inference.
#include <algorithm>
#include <memory>

#include "../op.h"

namespace atelier {

// in: x [rows, channels], mean, variance, scale?, offset? [channels]; out: y. Numbers: rows, channels, epsilon.
ATELIER_OP(batchNorm) {
  const int64_t rows = call.size(), channels = call.size();
  const double epsilon = call.number();
  const size_t count = product({rows, channels}), width = static_cast<size_t>(channels);
  const auto *x = call.input<float>(0, count);
  const auto *mean = call.input<float>(1, width);
  const auto *variance = call.input<float>(2, width);
  const auto *scale = call.optionalInput<float>(3, width);
  const auto *offset = call.optionalInput<float>(4, width);
  auto *y = call.output<float>(0, count);
  const auto slopes = std::make_shared<std::vector<float>>(width);
  const auto zeros = std::make_shared<std::vector<float>>(width, 0.f);
  return [=] {
    if (count == 0) return;
    for (size_t c = 0; c < width; c++)
      (*slopes)[c] = static_cast<float>((scale ? scale[c] : 1.0) / std::sqrt(static_cast<double>(variance[c]) + epsilon));
    const float *slope = slopes->data(), *shift = offset ? offset : zeros->data();
    parallel(rows, std::max<int64_t>(1, 8192 / channels), [=](int64_t from, int64_t to) {
      for (int64_t row = from; row < to; row++) {
        const float *values = x + row * channels;
        float *into = y + row * channels;
#pragma omp simd
        for (int64_t c = 0; c < channels; c++) into[c] = (values[c] - mean[c]) * slope[c] + shift[c];
      }
    });
  };
}

}  // namespace atelier
