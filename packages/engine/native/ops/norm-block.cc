// The block's pass forward.
#include "norm-block.h"

namespace atelier {

namespace {

// T, float or Bf16, is what the tensors of the image's size lie in; arithmetic and statistics are fp32 and wider.
template <typename T>
struct Forward {
  BlockShape s;
  const T *x;
  const float *bias, *scale, *offset;
  T *y;
  float *mean, *variance;
  T *selected;
  // Per channel: bias, slope and shift of the normalization; made each time.
  std::vector<float> zero, slope, shift;
  std::vector<double> totals;

  explicit Forward(const BlockShape &shape) : s(shape) {}

  void statistics() {
    const int64_t channels = s.channels;
    const float *b = bias ? bias : zero.data();
    // sums around the first row's values: no cancellation where the mean is far from zero
    std::vector<float> center(static_cast<size_t>(channels));
    for (int64_t c = 0; c < channels; c++) center[static_cast<size_t>(c)] = s.rows() ? before(x[c], b[c], s.reluBefore) : 0;
    const float *k = center.data();
    const bool relu = s.reluBefore;
    sums(s.rows(), channels, 2, totals.data(), [&](int64_t from, int64_t to, float *mine) {
      float *first = mine, *second = mine + channels;
      for (int64_t row = from; row < to; row++) {
        const T *values = x + row * channels;
#pragma omp simd
        for (int64_t c = 0; c < channels; c++) {
          const float u = values[c] + b[c];
          const float d = (relu && u < 0.f ? 0.f : u) - k[c];
          first[c] += d;
          second[c] += d * d;
        }
      }
    });
    const double count = std::max<double>(1, static_cast<double>(s.rows()));
    for (int64_t c = 0; c < channels; c++) {
      const double d = totals[static_cast<size_t>(c)] / count;
      mean[c] = static_cast<float>(k[c] + d);
      variance[c] = static_cast<float>(std::max(0.0, totals[static_cast<size_t>(channels + c)] / count - d * d));
    }
  }

  void run() {
    if (s.count() == 0) {
      std::fill(y, y + s.outCount(), T(0.f));
      if (s.pooled) std::fill(selected, selected + s.outCount(), T(0.f));
      for (float *list : {mean, variance}) std::fill(list, list + s.channels, 0.f);
      return;
    }
    statistics();
    for (int64_t c = 0; c < s.channels; c++) {
      const size_t i = static_cast<size_t>(c);
      slope[i] = (scale ? scale[c] : 1.f) / std::sqrt(variance[c] + s.epsilon);
      shift[i] = (offset ? offset[c] : 0.f) - mean[c] * slope[i];
    }
    if (s.pooled) pool();
    else normalize();
  }

  void normalize() {
    const float *b = bias ? bias : zero.data(), *a = slope.data(), *o = shift.data();
    const int64_t channels = s.channels;
    const bool first = s.reluBefore, last = s.reluAfter;
    parallel(s.rows(), 64, [&](int64_t from, int64_t to) {
      for (int64_t row = from; row < to; row++) {
        const T *values = x + row * channels;
        T *out = y + row * channels;
#pragma omp simd
        for (int64_t c = 0; c < channels; c++) {
          const float u = values[c] + b[c];
          const float w = (first && u < 0.f ? 0.f : u) * a[c] + o[c];
          out[c] = last && w < 0.f ? 0.f : w;
        }
      }
    });
  }

  void pool() {
    parallel(s.n * s.outHeight, 1, [&](int64_t from, int64_t to) {
      for (int64_t line = from; line < to; line++)
        for (int64_t column = 0; column < s.outWidth; column++) window(line / s.outHeight, line % s.outHeight, column);
    });
  }

  // One window of all channels: the largest w, and the x it came from.
  void window(int64_t image, int64_t outRow, int64_t outColumn) {
    const int64_t at = ((image * s.outHeight + outRow) * s.outWidth + outColumn) * s.channels;
    const T *places[kMostPlaces];
    const int count = s.places(x, image, outRow, outColumn, places);
    if (count == 4) largest<4>(places, count, y + at, selected + at);
    else largest<0>(places, count, y + at, selected + at);
  }

  // `fixed` places, or `count` of them where it is 0.
  template <int fixed>
  void largest(const T *const *places, int count, T *out, T *chosen) const {
    const float *b = bias ? bias : zero.data(), *a = slope.data(), *o = shift.data();
    const bool first = s.reluBefore, last = s.reluAfter;
    const int most = fixed > 0 ? fixed : count;
#pragma omp simd
    for (int64_t c = 0; c < s.channels; c++) {
      float best = 0, from = 0;
      for (int k = 0; k < most; k++) {
        const float value = places[k][c], u = value + b[c];
        const float w = (first && u < 0.f ? 0.f : u) * a[c] + o[c];
        // not (w <= best): a NaN is taken, as the unfused maximum takes it
        const bool more = k == 0 || !(w <= best);
        best = more ? w : best;
        from = more ? value : from;
      }
      out[c] = last && best < 0.f ? 0.f : best;
      chosen[c] = from;
    }
  }
};

template <typename T>
Work forward(Call &call, const BlockShape &shape) {
  auto work = std::make_shared<Forward<T>>(shape);
  const BlockShape &s = work->s;
  const auto channels = static_cast<size_t>(s.channels);
  work->x = call.input<T>(0, s.count());
  work->bias = call.optionalInput<float>(1, channels);
  work->scale = call.optionalInput<float>(2, channels);
  work->offset = call.optionalInput<float>(3, channels);
  work->y = call.result<T>(0, s.outCount());
  work->mean = call.output<float>(1, channels);
  work->variance = call.output<float>(2, channels);
  work->selected = s.pooled ? call.result<T>(3, s.outCount()) : nullptr;
  work->zero.assign(channels, 0.f);
  work->slope.resize(channels);
  work->shift.resize(channels);
  work->totals.resize(2 * channels);
  return [work] { work->run(); };
}

}  // namespace

// in: x, bias?, scale?, offset?; out: y, mean, variance, chosen values of x (pooled). In bf16 where y is.
ATELIER_OP(normBlock) {
  const BlockShape shape(call);
  return call.isHalfOutput(0) ? forward<Bf16>(call, shape) : forward<float>(call, shape);
}

}  // namespace atelier
