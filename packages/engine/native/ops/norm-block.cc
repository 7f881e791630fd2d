// The block between two convolutions of a training step, in two passes forward and two back: bias, ReLU, batch
// normalization over all axes but the last (Ioffe and Szegedy 2015), ReLU, max pooling.
//
// u = x + bias; v = relu(u)?; w = (v - mean) / sqrt(variance + epsilon) * scale + offset; w = relu(w)?; y = maxPool(w)?
#include <algorithm>
#include <cstring>

#include "../op.h"

namespace atelier {

namespace {

// Sums are taken over this many pieces whatever the thread count, then added in order: the same bits on any number.
constexpr int64_t kPieces = 64;
// Places of a pooling window.
constexpr int kMostPlaces = 256;

struct BlockShape {
  int64_t n, height, width, channels, outHeight, outWidth;
  int64_t poolRows, poolColumns, strideRows, strideColumns, top, left;
  float epsilon;
  bool reluBefore, reluAfter, pooled;

  explicit BlockShape(Call &call) {
    n = call.size();
    height = call.size();
    width = call.size();
    channels = call.size();
    epsilon = static_cast<float>(call.number());
    reluBefore = call.flag();
    reluAfter = call.flag();
    pooled = call.flag();
    poolRows = call.size();
    poolColumns = call.size();
    strideRows = call.size();
    strideColumns = call.size();
    top = call.size();
    left = call.size();
    outHeight = call.size();
    outWidth = call.size();
    product({n, height, width, channels});
    if (!pooled) {
      outHeight = height;
      outWidth = width;
    }
    product({n, outHeight, outWidth, channels});
    if (!pooled) return;
    const auto most = int64_t{1} << 30;
    call.expect(poolRows < most && poolColumns < most && strideRows < most && strideColumns < most, "smaller windows expected");
    call.expect(outHeight < most && outWidth < most, "fewer pooled places expected");
    call.expect(poolRows > 0 && poolColumns > 0 && poolRows * poolColumns <= kMostPlaces, "pooling windows of 1 to 256 places");
    call.expect(strideRows > 0 && strideColumns > 0, "strides of 1 or more expected");
    call.expect(top < poolRows && left < poolColumns, "padding smaller than the window expected");
    call.expect(outHeight == 0 || (outHeight - 1) * strideRows - top < height, "more pooled rows than the image has");
    call.expect(outWidth == 0 || (outWidth - 1) * strideColumns - left < width, "more pooled columns than the image has");
  }

  int64_t rows() const { return n * height * width; }
  size_t count() const { return static_cast<size_t>(rows() * channels); }
  size_t outCount() const { return static_cast<size_t>(n * outHeight * outWidth * channels); }
  // The places of a window that lie within the image, row by row; how many.
  int places(const float *x, int64_t image, int64_t outRow, int64_t outColumn, const float **list) const {
    int count = 0;
    for (int64_t i = 0; i < poolRows; i++) {
      const int64_t row = outRow * strideRows - top + i;
      if (row < 0 || row >= height) continue;
      for (int64_t j = 0; j < poolColumns; j++) {
        const int64_t column = outColumn * strideColumns - left + j;
        if (column < 0 || column >= width) continue;
        list[count++] = x + ((image * height + row) * width + column) * channels;
      }
    }
    return count;
  }

  // Windows that do not overlap: each place of the image belongs to one at most.
  bool apart() const { return poolRows <= strideRows && poolColumns <= strideColumns && top == 0 && left == 0; }
};

// Adds, for each piece of `rows`, `terms` sums per channel, then the pieces in order.
template <typename Body>
void sums(int64_t rows, int64_t channels, int64_t terms, double *totals, const Body &body) {
  const int64_t pieces = std::min(kPieces, std::max<int64_t>(rows, 1));
  const size_t width = static_cast<size_t>(terms * channels);
  auto *partial = static_cast<float *>(scratch(static_cast<size_t>(pieces) * width * sizeof(float)));
  parallel(pieces, 1, [&](int64_t from, int64_t to) {
    for (int64_t piece = from; piece < to; piece++) {
      float *mine = partial + static_cast<size_t>(piece) * width;
      std::memset(mine, 0, width * sizeof(float));
      body(rows * piece / pieces, rows * (piece + 1) / pieces, mine);
    }
  });
  std::fill(totals, totals + width, 0.0);
  for (int64_t piece = 0; piece < pieces; piece++)
    for (size_t i = 0; i < width; i++) totals[i] += partial[static_cast<size_t>(piece) * width + i];
}

// v of a row, from x.
inline float before(float x, float bias, bool relu) {
  const float u = x + bias;
  return relu ? std::max(u, 0.f) : u;
}

struct Forward {
  BlockShape s;
  const float *x, *bias, *scale, *offset;
  float *y, *mean, *variance, *selected;
  // Per channel: bias, slope and shift of the normalization; made each time.
  std::vector<float> zero, slope, shift;
  std::vector<double> totals;

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
        const float *values = x + row * channels;
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
      std::fill(y, y + s.outCount(), 0.f);
      if (s.pooled) std::fill(selected, selected + s.outCount(), 0.f);
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
        const float *values = x + row * channels;
        float *out = y + row * channels;
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

  // One window of all channels: the largest w, and the v it came from.
  void window(int64_t image, int64_t outRow, int64_t outColumn) {
    const int64_t at = ((image * s.outHeight + outRow) * s.outWidth + outColumn) * s.channels;
    const float *places[kMostPlaces];
    const int count = s.places(x, image, outRow, outColumn, places);
    if (count == 4) largest<4>(places, count, y + at, selected + at);
    else largest<0>(places, count, y + at, selected + at);
  }

  // `fixed` places, or `count` of them where it is 0.
  template <int fixed>
  void largest(const float *const *places, int count, float *out, float *chosen) const {
    const float *b = bias ? bias : zero.data(), *a = slope.data(), *o = shift.data();
    const bool first = s.reluBefore, last = s.reluAfter;
    const int most = fixed > 0 ? fixed : count;
#pragma omp simd
    for (int64_t c = 0; c < s.channels; c++) {
      float best = 0, from = 0;
      for (int k = 0; k < most; k++) {
        const float u = places[k][c] + b[c];
        const float v = first && u < 0.f ? 0.f : u;
        const float w = v * a[c] + o[c];
        // not (w <= best): a NaN is taken, as the unfused maximum takes it
        const bool more = k == 0 || !(w <= best);
        best = more ? w : best;
        from = more ? v : from;
      }
      out[c] = last && best < 0.f ? 0.f : best;
      chosen[c] = from;
    }
  }
};

struct Backward {
  BlockShape s;
  const float *dy, *x, *bias, *scale, *mean, *variance, *y, *selected;
  float *dx, *dbias, *dscale, *doffset;
  std::vector<float> zero, slope, center, slant;
  std::vector<double> totals;

  // dw at the places that windows chose: sums of it and of it times the normalized value.
  void reduce() {
    const int64_t channels = s.channels;
    const float *b = bias ? bias : zero.data();
    const bool relu = s.reluBefore, last = s.reluAfter, pooled = s.pooled;
    const int64_t rows = s.n * s.outHeight * s.outWidth;
    sums(rows, channels, 2, totals.data(), [&](int64_t from, int64_t to, float *mine) {
      float *plain = mine, *weighted = mine + channels;
      for (int64_t row = from; row < to; row++) {
        const float *g = dy + row * channels, *out = y + row * channels;
        const float *v = (pooled ? selected : x) + row * channels;
#pragma omp simd
        for (int64_t c = 0; c < channels; c++) {
          const float d = last && !(out[c] > 0.f) ? 0.f : g[c];
          const float u = v[c] + (pooled ? 0.f : b[c]);
          const float value = !pooled && relu && u < 0.f ? 0.f : u;
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
  inline void gradientAt(const float *values, const float *d, float *out, float *mine) const {
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
    const float *values = x + row * channels, *g = dy + row * channels, *after = y + row * channels;
    float *out = dx + row * channels;
    const bool relu = s.reluBefore, last = s.reluAfter;
#pragma omp simd
    for (int64_t c = 0; c < channels; c++) {
      const float u = values[c] + b[c];
      const float v = relu && u < 0.f ? 0.f : u;
      const float d = last && !(after[c] > 0.f) ? 0.f : g[c];
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
    const float *places[kMostPlaces];
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

  // One window: dy goes to the first place that has the chosen value.
  template <int fixed>
  void spread(const float *const *places, int count, int64_t from, float *mine) const {
    const float *b = bias ? bias : zero.data(), *a = slope.data(), *k1 = slant.data(), *o = center.data();
    const float *g = dy + from, *after = y + from, *chosen = selected + from;
    const bool relu = s.reluBefore, last = s.reluAfter;
    const int most = fixed > 0 ? fixed : count;
    const int64_t back = dx - x;
#pragma omp simd
    for (int64_t c = 0; c < s.channels; c++) {
      float d = last && !(after[c] > 0.f) ? 0.f : g[c] * a[c];
      float sum = 0;
      for (int k = 0; k < most; k++) {
        const float u = places[k][c] + b[c];
        const float v = relu && u < 0.f ? 0.f : u;
        const bool here = v == chosen[c];
        const float dv = (here ? d : 0.f) + v * k1[c] + o[c];
        d = here ? 0.f : d;
        const float du = relu && !(u > 0.f) ? 0.f : dv;
        const_cast<float *>(places[k] + back)[c] = du;
        sum += du;
      }
      mine[c] += sum;
    }
  }

  // Windows that overlap: dw of the image first, in dx itself, then the rest in place.
  void bandOverlapping(int64_t image, float *mine) const {
    const int64_t channels = s.channels;
    const float *b = bias ? bias : zero.data();
    float *whole = dx + image * s.height * s.width * channels;
    std::memset(whole, 0, static_cast<size_t>(s.height * s.width * channels) * sizeof(float));
    const float *places[kMostPlaces];
    for (int64_t outRow = 0; outRow < s.outHeight; outRow++)
      for (int64_t outColumn = 0; outColumn < s.outWidth; outColumn++) {
        const int64_t from = ((image * s.outHeight + outRow) * s.outWidth + outColumn) * channels;
        const int count = s.places(x, image, outRow, outColumn, places);
        for (int64_t c = 0; c < channels; c++) {
          if (s.reluAfter && !(y[from + c] > 0.f)) continue;
          for (int k = 0; k < count; k++) {
            if (before(places[k][c], b[c], s.reluBefore) != selected[from + c]) continue;
            dx[places[k] - x + c] += dy[from + c];
            break;
          }
        }
      }
    const float *values = x + image * s.height * s.width * channels;
    for (int64_t at = 0; at < s.height * s.width * channels; at += channels)
      gradientAt(values + at, whole + at, whole + at, mine);
  }
};

}  // namespace

// in: x, bias?, scale?, offset?; out: y, mean, variance, chosen values (pooled).
ATELIER_OP(normBlock) {
  auto work = std::make_shared<Forward>(Forward{BlockShape(call), nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                                                nullptr, nullptr, {}, {}, {}, {}});
  const BlockShape &s = work->s;
  const auto channels = static_cast<size_t>(s.channels);
  work->x = call.input<float>(0, s.count());
  work->bias = call.optionalInput<float>(1, channels);
  work->scale = call.optionalInput<float>(2, channels);
  work->offset = call.optionalInput<float>(3, channels);
  work->y = call.output<float>(0, s.outCount());
  work->mean = call.output<float>(1, channels);
  work->variance = call.output<float>(2, channels);
  work->selected = s.pooled ? call.output<float>(3, s.outCount()) : nullptr;
  work->zero.assign(channels, 0.f);
  work->slope.resize(channels);
  work->shift.resize(channels);
  work->totals.resize(2 * channels);
  return [work] { work->run(); };
}

// in: dy, x, bias?, scale?, mean, variance, y,
// chosen values (pooled);
// out: dx, dbias?, dscale?, doffset?.
ATELIER_OP(normBlockGradient) {
  auto work = std::make_shared<Backward>(Backward{BlockShape(call), nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                                                  nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                                                  {}, {}, {}, {}, {}});
  const BlockShape &s = work->s;
  const auto channels = static_cast<size_t>(s.channels);
  work->dy = call.input<float>(0, s.outCount());
  work->x = call.input<float>(1, s.count());
  work->bias = call.optionalInput<float>(2, channels);
  work->scale = call.optionalInput<float>(3, channels);
  work->mean = call.input<float>(4, channels);
  work->variance = call.input<float>(5, channels);
  work->y = call.input<float>(6, s.outCount());
  work->selected = s.pooled ? call.input<float>(7, s.outCount()) : nullptr;
  work->dx = call.output<float>(0, s.count());
  work->dbias = call.optionalOutput<float>(1, channels);
  work->dscale = call.optionalOutput<float>(2, channels);
  work->doffset = call.optionalOutput<float>(3, channels);
  work->zero.assign(channels, 0.f);
  for (auto *list : {&work->slope, &work->center, &work->slant}) list->resize(channels);
  work->totals.resize(2 * channels);
  return [work] { work->run(); };
}

}  // namespace atelier
