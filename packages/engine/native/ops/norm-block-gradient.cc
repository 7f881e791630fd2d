// The block's pass back.
#include "norm-block.h"

namespace atelier {

namespace {

// T: as forward.
template <typename T>
struct Backward {
  BlockShape s;
  const T *dy, *x;
  const float *bias, *scale, *mean, *variance;
  const T *y, *selected;
  T *dx;
  float *dbias, *dscale, *doffset;
  std::vector<float> zero, slope, center, slant;
  std::vector<double> totals;

  explicit Backward(const BlockShape &shape) : s(shape) {}

  // dw at the places that windows chose: sums of it and of it times the normalized value.
  void reduce() {
    const int64_t channels = s.channels;
    const float *b = bias ? bias : zero.data();
    const bool relu = s.reluBefore, last = s.reluAfter, pooled = s.pooled;
    const int64_t rows = s.n * s.outHeight * s.outWidth;
    sums(rows, channels, 2, totals.data(), [&](int64_t from, int64_t to, float *mine) {
      float *plain = mine, *weighted = mine + channels;
      for (int64_t row = from; row < to; row++) {
        const T *g = dy + row * channels, *out = y + row * channels;
        const T *v = (pooled ? selected : x) + row * channels;
#pragma omp simd
        for (int64_t c = 0; c < channels; c++) {
          // read whether it is needed or not: a conversion under a condition keeps the loop from becoming vector code
          const float slopeHere = g[c], result = out[c];
          const float d = last && !(result > 0.f) ? 0.f : slopeHere;
          const float u = v[c] + b[c];
          const float value = relu && u < 0.f ? 0.f : u;
          plain[c] += d;
          weighted[c] += d * (value - mean[c]);
        }
      }
    });
  }

  void run() {
    if (s.count() == 0) {
      for (float *list : {dbias, dscale, doffset})
        if (list) std::fill(list, list + s.channels, 0.f);
      return;
    }
    reduce();
    const int64_t channels = s.channels;
    const double count = std::max<double>(1, static_cast<double>(s.rows()));
    for (int64_t c = 0; c < channels; c++) {
      const size_t i = static_cast<size_t>(c);
      const double inv = 1.0 / std::sqrt(static_cast<double>(variance[c]) + s.epsilon);
      const double sum = totals[i], dot = totals[static_cast<size_t>(channels) + i] * inv;
      if (dscale) dscale[c] = static_cast<float>(dot);
      if (doffset) doffset[c] = static_cast<float>(sum);
      // dv = slope (dw - sum/n - xhat dot/n), xhat = (v - mean) inv, as slope dw + slant v + center
      slope[i] = static_cast<float>((scale ? scale[c] : 1.f) * inv);
      slant[i] = static_cast<float>(-slope[i] * inv * dot / count);
      center[i] = static_cast<float>(-slope[i] * sum / count - static_cast<double>(slant[i]) * mean[c]);
    }
    // each image's share of the bias gradient, added in order
    const int64_t lines = s.pooled ? s.n * bands() : s.rows();
    sums(lines, channels, 1, totals.data(), [&](int64_t from, int64_t to, float *mine) {
      for (int64_t line = from; line < to; line++) {
        if (!s.pooled) plainRow(line, mine);
        else band(line / bands(), line % bands(), mine);
      }
    });
    if (dbias)
      for (int64_t c = 0; c < channels; c++) dbias[c] = static_cast<float>(totals[static_cast<size_t>(c)]);
  }

  // A place of the image whose dw is d[c].
  template <typename D>
  inline void gradientAt(const T *values, const D *d, T *out, float *mine) const {
    const float *b = bias ? bias : zero.data(), *a = slope.data(), *k = slant.data(), *o = center.data();
    const bool relu = s.reluBefore;
#pragma omp simd
    for (int64_t c = 0; c < s.channels; c++) {
      const float u = values[c] + b[c];
      const float v = relu && u < 0.f ? 0.f : u;
      const float dv = d[c] * a[c] + v * k[c] + o[c];
      const float du = relu && !(u > 0.f) ? 0.f : dv;
      out[c] = du;
      mine[c] += du;
    }
  }

  void plainRow(int64_t row, float *mine) const {
    const int64_t channels = s.channels;
    const float *b = bias ? bias : zero.data(), *a = slope.data(), *k = slant.data(), *o = center.data();
    const T *values = x + row * channels, *g = dy + row * channels, *after = y + row * channels;
    T *out = dx + row * channels;
    const bool relu = s.reluBefore, last = s.reluAfter;
#pragma omp simd
    for (int64_t c = 0; c < channels; c++) {
      const float u = values[c] + b[c];
      const float v = relu && u < 0.f ? 0.f : u;
      const float slopeHere = g[c], result = after[c];
      const float d = last && !(result > 0.f) ? 0.f : slopeHere;
      const float dv = d * a[c] + v * k[c] + o[c];
      const float du = relu && !(u > 0.f) ? 0.f : dv;
      out[c] = du;
      mine[c] += du;
    }
  }

  // Windows apart: an image is cut into bands of stride rows. Else one band of the whole image.
  int64_t bands() const { return s.apart() ? (s.height + s.strideRows - 1) / s.strideRows : 1; }

  void band(int64_t image, int64_t index, float *mine) {
    if (s.apart()) bandApart(image, index, mine);
    else bandOverlapping(image, mine);
  }

  void bandApart(int64_t image, int64_t index, float *mine) const {
    const int64_t rows = std::min((index + 1) * s.strideRows, s.height) - index * s.strideRows;
    const int64_t pooledRows = index < s.outHeight ? std::min(s.poolRows, rows) : 0;
    const T *places[kMostPlaces];
    for (int64_t column = 0; pooledRows > 0 && column < s.outWidth; column++) {
      const int count = s.places(x, image, index, column, places);
      const int64_t from = ((image * s.outHeight + index) * s.outWidth + column) * s.channels;
      if (count == 4) spread<4>(places, count, from, mine);
      else spread<0>(places, count, from, mine);
    }
    // what no window covers still feels the mean and the variance
    for (int64_t i = 0; i < rows; i++) {
      for (int64_t column = 0; column < s.width; column++) {
        const bool inWindow = column / s.strideColumns < s.outWidth && column % s.strideColumns < s.poolColumns;
        if (i < pooledRows && inWindow) continue;
        const int64_t at = ((image * s.height + index * s.strideRows + i) * s.width + column) * s.channels;
        gradientAt(x + at, zero.data(), dx + at, mine);
      }
    }
  }

  // One window: dy goes to the first place that has the chosen value of x, which is the first of the largest.
  template <int fixed>
  void spread(const T *const *places, int count, int64_t from, float *mine) const {
    const float *b = bias ? bias : zero.data(), *a = slope.data(), *k1 = slant.data(), *o = center.data();
    const T *g = dy + from, *after = y + from, *chosen = selected + from;
    const bool relu = s.reluBefore, last = s.reluAfter;
    const int most = fixed > 0 ? fixed : count;
    const int64_t back = dx - x;
#pragma omp simd
    for (int64_t c = 0; c < s.channels; c++) {
      const float slopeHere = g[c], result = after[c], best = chosen[c];
      float d = last && !(result > 0.f) ? 0.f : slopeHere * a[c];
      float sum = 0;
      for (int k = 0; k < most; k++) {
        const float value = places[k][c], u = value + b[c];
        const float v = relu && u < 0.f ? 0.f : u;
        const bool here = value == best;
        const float dv = (here ? d : 0.f) + v * k1[c] + o[c];
        d = here ? 0.f : d;
        const float du = relu && !(u > 0.f) ? 0.f : dv;
        const_cast<T *>(places[k] + back)[c] = du;
        sum += du;
      }
      mine[c] += sum;
    }
  }

  // Windows that overlap: dw of the image first, then the rest.
  void bandOverlapping(int64_t image, float *mine) const {
    const int64_t channels = s.channels, size = s.height * s.width * channels;
    const T *values = x + image * size;
    std::vector<float> whole(static_cast<size_t>(size), 0.f);
    const T *places[kMostPlaces];
    for (int64_t outRow = 0; outRow < s.outHeight; outRow++)
      for (int64_t outColumn = 0; outColumn < s.outWidth; outColumn++) {
        const int64_t from = ((image * s.outHeight + outRow) * s.outWidth + outColumn) * channels;
        const int count = s.places(x, image, outRow, outColumn, places);
        for (int64_t c = 0; c < channels; c++) {
          if (s.reluAfter && !(y[from + c] > 0.f)) continue;
          for (int k = 0; k < count; k++) {
            if (places[k][c] != selected[from + c]) continue;
            whole[static_cast<size_t>(places[k] - values + c)] += dy[from + c];
            break;
          }
        }
      }
    for (int64_t at = 0; at < size; at += channels)
      gradientAt(values + at, whole.data() + at, dx + image * size + at, mine);
  }
};

template <typename T>
Work backward(Call &call, const BlockShape &shape) {
  auto work = std::make_shared<Backward<T>>(shape);
  const BlockShape &s = work->s;
  const auto channels = static_cast<size_t>(s.channels);
  work->dy = call.input<T>(0, s.outCount());
  work->x = call.input<T>(1, s.count());
  work->bias = call.optionalInput<float>(2, channels);
  work->scale = call.optionalInput<float>(3, channels);
  work->mean = call.input<float>(4, channels);
  work->variance = call.input<float>(5, channels);
  work->y = call.input<T>(6, s.outCount());
  work->selected = s.pooled ? call.input<T>(7, s.outCount()) : nullptr;
  work->dx = call.result<T>(0, s.count());
  work->dbias = call.optionalOutput<float>(1, channels);
  work->dscale = call.optionalOutput<float>(2, channels);
  work->doffset = call.optionalOutput<float>(3, channels);
  work->zero.assign(channels, 0.f);
  for (auto *list : {&work->slope, &work->center, &work->slant}) list->resize(channels);
  work->totals.resize(2 * channels);
  return [work] { work->run(); };
}

}  // namespace

// in: dy, x, bias?, scale?, mean, variance, y, chosen values (pooled); out: dx, dbias?, dscale?, doffset?. In bf16 where dx is.
ATELIER_OP(normBlockGradient) {
  const BlockShape shape(call);
  return call.isHalfOutput(0) ? backward<Bf16>(call, shape) : backward<float>(call, shape);
}

}  // namespace atelier
