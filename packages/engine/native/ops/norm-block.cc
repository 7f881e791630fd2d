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

struct Block4 {
  int64_t n, height, width, channels, outHeight, outWidth;
  int64_t poolRows, poolColumns, strideRows, strideColumns, top, left;
  float epsilon;
  bool reluBefore, reluAfter, pooled;

  explicit Block4(Call &call) {
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
    call.expect(poolRows > 0 && poolColumns > 0 && poolRows * poolColumns <= 255, "pooling windows of 1 to 255 places");
    call.expect(strideRows > 0 && strideColumns > 0, "strides of 1 or more expected");
    call.expect(top < poolRows && left < poolColumns, "padding smaller than the window expected");
    call.expect(outHeight == 0 || (outHeight - 1) * strideRows - top < height, "more pooled rows than the image has");
    call.expect(outWidth == 0 || (outWidth - 1) * strideColumns - left < width, "more pooled columns than the image has");
  }

  int64_t rows() const { return n * height * width; }
  size_t count() const { return static_cast<size_t>(rows() * channels); }
  size_t outCount() const { return static_cast<size_t>(n * outHeight * outWidth * channels); }
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
  Block4 s;
  const float *x, *bias, *scale, *offset;
  float *y, *mean, *variance, *selected;
  uint8_t *place;
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

  // One window of all channels: the largest w, the v it came from, and its place (the first of equals).
  void window(int64_t image, int64_t outRow, int64_t outColumn) {
    const int64_t channels = s.channels;
    const int64_t at = ((image * s.outHeight + outRow) * s.outWidth + outColumn) * channels;
    float *best = y + at, *chosen = selected + at;
    uint8_t *where = place + at;
    const float *b = bias ? bias : zero.data(), *a = slope.data(), *o = shift.data();
    const bool first = s.reluBefore;
    bool started = false;
    for (int64_t i = 0; i < s.poolRows; i++) {
      const int64_t row = outRow * s.strideRows - s.top + i;
      if (row < 0 || row >= s.height) continue;
      for (int64_t j = 0; j < s.poolColumns; j++) {
        const int64_t column = outColumn * s.strideColumns - s.left + j;
        if (column < 0 || column >= s.width) continue;
        const float *values = x + ((image * s.height + row) * s.width + column) * channels;
        const auto index = static_cast<uint8_t>(i * s.poolColumns + j);
        if (!started) {
#pragma omp simd
          for (int64_t c = 0; c < channels; c++) {
            const float u = values[c] + b[c];
            const float v = first && u < 0.f ? 0.f : u;
            chosen[c] = v;
            best[c] = v * a[c] + o[c];
            where[c] = index;
          }
          started = true;
        } else {
#pragma omp simd
          for (int64_t c = 0; c < channels; c++) {
            const float u = values[c] + b[c];
            const float v = first && u < 0.f ? 0.f : u;
            const float w = v * a[c] + o[c];
            // not (w <= best): a NaN is taken, as the unfused maximum takes it
            const bool more = !(w <= best[c]);
            best[c] = more ? w : best[c];
            chosen[c] = more ? v : chosen[c];
            where[c] = more ? index : where[c];
          }
        }
      }
    }
    if (s.reluAfter) {
#pragma omp simd
      for (int64_t c = 0; c < channels; c++) best[c] = best[c] < 0.f ? 0.f : best[c];
    }
  }
};

struct Backward {
  Block4 s;
  const float *dy, *x, *bias, *scale, *mean, *variance, *y, *selected;
  const uint8_t *place;
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
  inline void place1(const float *values, const float *d, float *out, float *mine) const {
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
    const int64_t channels = s.channels;
    const int64_t end = std::min((index + 1) * s.strideRows, s.height);
    for (int64_t row = index * s.strideRows; row < end; row++) {
      for (int64_t column = 0; column < s.width; column++) {
        const int64_t outColumn = column / s.strideColumns;
        const int64_t i = row - index * s.strideRows, j = column - outColumn * s.strideColumns;
        const int64_t at = ((image * s.height + row) * s.width + column) * channels;
        const bool covered = index < s.outHeight && outColumn < s.outWidth && i < s.poolRows && j < s.poolColumns;
        if (!covered) {
          place1(x + at, zero.data(), dx + at, mine);
          continue;
        }
        const int64_t from = ((image * s.outHeight + index) * s.outWidth + outColumn) * channels;
        chosenPlace(x + at, from, static_cast<uint8_t>(i * s.poolColumns + j), dx + at, mine);
      }
    }
  }

  inline void chosenPlace(const float *values, int64_t from, uint8_t index, float *out, float *mine) const {
    const float *b = bias ? bias : zero.data(), *a = slope.data(), *k = slant.data(), *o = center.data();
    const float *g = dy + from, *after = y + from;
    const uint8_t *where = place + from;
    const bool relu = s.reluBefore, last = s.reluAfter;
#pragma omp simd
    for (int64_t c = 0; c < s.channels; c++) {
      const float u = values[c] + b[c];
      const float v = relu && u < 0.f ? 0.f : u;
      const float mine1 = where[c] == index ? g[c] : 0.f;
      const float d = last && !(after[c] > 0.f) ? 0.f : mine1;
      const float dv = d * a[c] + v * k[c] + o[c];
      const float du = relu && !(u > 0.f) ? 0.f : dv;
      out[c] = du;
      mine[c] += du;
    }
  }

  // Windows that overlap: dw of the image first, in dx itself, then the rest in place.
  void bandOverlapping(int64_t image, float *mine) const {
    const int64_t channels = s.channels;
    float *whole = dx + image * s.height * s.width * channels;
    std::memset(whole, 0, static_cast<size_t>(s.height * s.width * channels) * sizeof(float));
    for (int64_t outRow = 0; outRow < s.outHeight; outRow++)
      for (int64_t outColumn = 0; outColumn < s.outWidth; outColumn++) {
        const int64_t from = ((image * s.outHeight + outRow) * s.outWidth + outColumn) * channels;
        for (int64_t c = 0; c < channels; c++) {
          if (s.reluAfter && !(y[from + c] > 0.f)) continue;
          const int64_t row = outRow * s.strideRows - s.top + place[from + c] / s.poolColumns;
          const int64_t column = outColumn * s.strideColumns - s.left + place[from + c] % s.poolColumns;
          if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;
          whole[(row * s.width + column) * channels + c] += dy[from + c];
        }
      }
    const float *values = x + image * s.height * s.width * channels;
    for (int64_t at = 0; at < s.height * s.width * channels; at += channels)
      place1(values + at, whole + at, whole + at, mine);
  }
};

}  // namespace

// in: x, bias?, scale?, offset?; out: y, mean, variance, chosen values and places (pooled).
ATELIER_OP(normBlock) {
  auto work = std::make_shared<Forward>(Forward{Block4(call), nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                                                nullptr, nullptr, nullptr, {}, {}, {}, {}});
  const Block4 &s = work->s;
  const auto channels = static_cast<size_t>(s.channels);
  work->x = call.input<float>(0, s.count());
  work->bias = call.optionalInput<float>(1, channels);
  work->scale = call.optionalInput<float>(2, channels);
  work->offset = call.optionalInput<float>(3, channels);
  work->y = call.output<float>(0, s.outCount());
  work->mean = call.output<float>(1, channels);
  work->variance = call.output<float>(2, channels);
  // one operand: the values, then the places
  work->selected = s.pooled ? call.output<float>(3, s.outCount() + (s.outCount() + 3) / 4) : nullptr;
  work->place = s.pooled ? reinterpret_cast<uint8_t *>(work->selected + s.outCount()) : nullptr;
  work->zero.assign(channels, 0.f);
  work->slope.resize(channels);
  work->shift.resize(channels);
  work->totals.resize(2 * channels);
  return [work] { work->run(); };
}

// in: dy, x, bias?, scale?, mean, variance, y,
// chosen values and places (pooled);
// out: dx, dbias?, dscale?, doffset?.
ATELIER_OP(normBlockGradient) {
  auto work = std::make_shared<Backward>(Backward{Block4(call), nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                                                  nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                                                  {}, {}, {}, {}, {}});
  const Block4 &s = work->s;
  const auto channels = static_cast<size_t>(s.channels);
  work->dy = call.input<float>(0, s.outCount());
  work->x = call.input<float>(1, s.count());
  work->bias = call.optionalInput<float>(2, channels);
  work->scale = call.optionalInput<float>(3, channels);
  work->mean = call.input<float>(4, channels);
  work->variance = call.input<float>(5, channels);
  work->y = call.input<float>(6, s.outCount());
  work->selected = s.pooled ? call.input<float>(7, s.outCount() + (s.outCount() + 3) / 4) : nullptr;
  work->place = s.pooled ? reinterpret_cast<const uint8_t *>(work->selected + s.outCount()) : nullptr;
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
