#include "winograd.h"

#include <algorithm>

#include "../simd.h"

namespace atelier {

namespace {

constexpr int64_t kTile = 6;        // places a tile reads in each direction
constexpr int64_t kResult = 4;      // results it gives
constexpr int64_t kPlaces = 36;     // products per tile
constexpr int64_t kColumns = 2 * kLanes;
constexpr int64_t kRows = 6;        // rows of the register block: 12 sums, 2 vectors, 1 factor
// Tiles worked on at once: their transforms should stay in the second-level cache.
constexpr int64_t kBlock = 24;
// The filter's gradient adds over tiles: longer blocks touch its sums less often.
constexpr int64_t kLongBlock = 96;

// Distance of one place's numbers from the next: a line more than they need, as distances of whole pages would put all
// places into the same few lines of the cache.
inline int64_t apart(int64_t numbers) { return numbers + 16; }

// One dimension of the transforms, for the points 0, 1, -1, 2, -2 and infinity.
inline void transformInput(const Vec d[6], Vec t[6]) {
  const Vec a = d[4] - 4.f * d[2], b = d[3] - 4.f * d[1], c = d[4] - d[2], e = 2.f * (d[3] - d[1]);
  t[0] = 4.f * d[0] - 5.f * d[2] + d[4];
  t[1] = a + b;
  t[2] = a - b;
  t[3] = c + e;
  t[4] = c - e;
  t[5] = 4.f * d[1] - 5.f * d[3] + d[5];
}

inline void transformFilter(const Vec g[3], Vec u[6]) {
  const Vec even = (g[0] + g[2]) * (-1.f / 6), odd = g[1] * (-1.f / 6);
  const Vec wide = g[0] * (1.f / 24) + g[2] * (1.f / 6), half = g[1] * (1.f / 12);
  u[0] = g[0] * 0.25f;
  u[1] = even + odd;
  u[2] = even - odd;
  u[3] = wide + half;
  u[4] = wide - half;
  u[5] = g[2];
}

// A filter of 4: the results' gradient, in the product that gives the filter's.
inline void transformGradient(const Vec y[4], Vec u[6]) {
  const Vec even = (y[0] + y[2]) * (-1.f / 6), odd = (y[1] + y[3]) * (-1.f / 6);
  const Vec wide = y[0] * (1.f / 24) + y[2] * (1.f / 6), half = y[1] * (1.f / 12) + y[3] * (1.f / 3);
  u[0] = y[0] * 0.25f;
  u[1] = even + odd;
  u[2] = even - odd;
  u[3] = wide + half;
  u[4] = wide - half;
  u[5] = y[3];
}

inline void transformResult(const Vec m[6], Vec o[4]) {
  const Vec s = m[1] + m[2], d = m[1] - m[2], p = m[3] + m[4], q = m[3] - m[4];
  o[0] = m[0] + s + p;
  o[1] = d + 2.f * q;
  o[2] = s + 4.f * p;
  o[3] = d + 8.f * q + m[5];
}

inline void transformWeights(const Vec m[6], Vec o[3]) {
  const Vec s = m[1] + m[2], p = m[3] + m[4];
  o[0] = m[0] + s + p;
  o[1] = m[1] - m[2] + 2.f * (m[3] - m[4]);
  o[2] = s + 4.f * p + m[5];
}

// c[rows, kColumns] = or += a * b. Element (i, k) of a is a[i * rowStep + k * step]; rows of b lie `bStep` apart.
template <int rows>
inline void product(const float *a, int64_t rowStep, int64_t step, const float *b, int64_t bStep, int64_t depth,
                    float *c, int64_t cStep, bool add) {
  Vec sums[rows][2];
  for (int i = 0; i < rows; i++) sums[i][0] = sums[i][1] = Vec{};
  for (int64_t k = 0; k < depth; k++) {
    const Vec b0 = load(b), b1 = load(b + kLanes);
#pragma GCC unroll 6
    for (int i = 0; i < rows; i++) {
      const Vec factor = splat(a[i * rowStep]);
      sums[i][0] += factor * b0;
      sums[i][1] += factor * b1;
    }
    a += step;
    b += bStep;
  }
  for (int i = 0; i < rows; i++) {
    float *to = c + i * cStep;
    store(to, add ? load(to) + sums[i][0] : sums[i][0]);
    store(to + kLanes, add ? load(to + kLanes) + sums[i][1] : sums[i][1]);
  }
}

inline void productOf(int64_t rows, const float *a, int64_t rowStep, int64_t step, const float *b, int64_t bStep,
                      int64_t depth, float *c, int64_t cStep, bool add) {
  switch (rows) {
    case 1: return product<1>(a, rowStep, step, b, bStep, depth, c, cStep, add);
    case 2: return product<2>(a, rowStep, step, b, bStep, depth, c, cStep, add);
    case 3: return product<3>(a, rowStep, step, b, bStep, depth, c, cStep, add);
    case 4: return product<4>(a, rowStep, step, b, bStep, depth, c, cStep, add);
    case 5: return product<5>(a, rowStep, step, b, bStep, depth, c, cStep, add);
    default: return product<6>(a, rowStep, step, b, bStep, depth, c, cStep, add);
  }
}

// Where a tile is.
struct Place {
  int64_t image, row, column;
};

struct Tiles {
  int64_t down, across, perImage, count;
  explicit Tiles(const WinogradShape &s)
      : down((s.outHeight + kResult - 1) / kResult),
        across((s.outWidth + kResult - 1) / kResult),
        perImage(down * across),
        count(s.n * perImage) {}
  Place at(int64_t tile) const {
    const int64_t within = tile % perImage;
    return {tile / perImage, within / across * kResult, within % across * kResult};
  }
};

// Transforms all channels of the 6 x 6 places from (row, column): v[place][channel], places `placeStep` apart.
template <typename T>
void inputTile(const T *image, int64_t height, int64_t width, int64_t channels, int64_t row, int64_t column,
               float *v, int64_t placeStep) {
  for (int64_t c = 0; c < channels; c += kLanes) {
    Vec half[kTile][kTile];
    for (int64_t j = 0; j < kTile; j++) {
      Vec d[kTile], t[kTile];
      const int64_t x = column + j;
      for (int64_t i = 0; i < kTile; i++) {
        const int64_t y = row + i;
        const bool inside = y >= 0 && y < height && x >= 0 && x < width;
        d[i] = inside ? load(image + (y * width + x) * channels + c) : Vec{};
      }
      transformInput(d, t);
      for (int64_t i = 0; i < kTile; i++) half[i][j] = t[i];
    }
    for (int64_t i = 0; i < kTile; i++) {
      Vec t[kTile];
      transformInput(half[i], t);
      for (int64_t j = 0; j < kTile; j++) store(v + (i * kTile + j) * placeStep + c, t[j]);
    }
  }
}

// The same of 4 x 4 results' gradients.
template <typename T>
void gradientTile(const T *image, int64_t height, int64_t width, int64_t channels, int64_t row, int64_t column,
                  float *v, int64_t placeStep) {
  for (int64_t c = 0; c < channels; c += kLanes) {
    Vec half[kTile][kResult];
    for (int64_t j = 0; j < kResult; j++) {
      Vec d[kResult], t[kTile];
      for (int64_t i = 0; i < kResult; i++) {
        const bool inside = row + i < height && column + j < width;
        d[i] = inside ? load(image + ((row + i) * width + column + j) * channels + c) : Vec{};
      }
      transformGradient(d, t);
      for (int64_t i = 0; i < kTile; i++) half[i][j] = t[i];
    }
    for (int64_t i = 0; i < kTile; i++) {
      Vec t[kTile];
      transformGradient(half[i], t);
      for (int64_t j = 0; j < kTile; j++) store(v + (i * kTile + j) * placeStep + c, t[j]);
    }
  }
}

template <typename T>
void resultTile(const float *m, int64_t placeStep, int64_t outputs, const float *bias, bool relu, T *image,
                int64_t height, int64_t width, int64_t row, int64_t column) {
  for (int64_t c = 0; c < outputs; c += kLanes) {
    Vec half[kResult][kTile];
    for (int64_t j = 0; j < kTile; j++) {
      Vec d[kTile], o[kResult];
      for (int64_t i = 0; i < kTile; i++) d[i] = load(m + (i * kTile + j) * placeStep + c);
      transformResult(d, o);
      for (int64_t i = 0; i < kResult; i++) half[i][j] = o[i];
    }
    const Vec shift = bias ? load(bias + c) : Vec{};
    for (int64_t i = 0; i < kResult && row + i < height; i++) {
      Vec o[kResult];
      transformResult(half[i], o);
      for (int64_t j = 0; j < kResult && column + j < width; j++) {
        Vec value = o[j] + shift;
        if (relu) value = value > Vec{} ? value : Vec{};
        store(image + ((row + i) * width + column + j) * outputs + c, value);
      }
    }
  }
}

// u[place][outputs / kColumns][channels][kColumns] of a filter [3][3][channels][outputs]; `rounded` to bf16 first, or as it is.
template <bool rounded>
void transformAll(const float *filter, int64_t channels, int64_t outputs, float *u) {
  parallel(channels, 8, [=](int64_t from, int64_t to) {
    for (int64_t channel = from; channel < to; channel++)
      for (int64_t c = 0; c < outputs; c += kLanes) {
        Vec half[kTile][3];
        for (int64_t j = 0; j < 3; j++) {
          Vec g[3], t[kTile];
          for (int64_t i = 0; i < 3; i++) {
            g[i] = load(filter + ((i * 3 + j) * channels + channel) * outputs + c);
            if (rounded) g[i] = roundedToBf16(g[i]);
          }
          transformFilter(g, t);
          for (int64_t i = 0; i < kTile; i++) half[i][j] = t[i];
        }
        float *to1 = u + (c / kColumns * channels + channel) * kColumns + c % kColumns;
        for (int64_t i = 0; i < kTile; i++) {
          Vec t[kTile];
          transformFilter(half[i], t);
          for (int64_t j = 0; j < kTile; j++) store(to1 + (i * kTile + j) * apart(channels * outputs), t[j]);
        }
      }
  });
}

// Convolves with transformed weights u.
template <typename T>
void convolve(const WinogradShape &s, const T *x, const float *u, const float *bias, bool relu, T *y, float *work) {
  const Tiles tiles(s);
  const int64_t stepV = apart(kBlock * s.channels), stepM = apart(kBlock * s.outputs);
  const int64_t perThread = kPlaces * (stepV + stepM);
  const int64_t blocks = (tiles.count + kBlock - 1) / kBlock;
  const int64_t pieces = std::min<int64_t>(threads(), blocks);
  parallel(pieces, 1, [&](int64_t fromPiece, int64_t toPiece) {
    for (int64_t piece = fromPiece; piece < toPiece; piece++) {
      float *v = work + piece * perThread, *m = v + kPlaces * stepV;
      for (int64_t block = blocks * piece / pieces; block < blocks * (piece + 1) / pieces; block++) {
        const int64_t first = block * kBlock, count = std::min(kBlock, tiles.count - first);
        for (int64_t i = 0; i < count; i++) {
          const Place at = tiles.at(first + i);
          inputTile(x + at.image * s.height * s.width * s.channels, s.height, s.width, s.channels, at.row - s.top,
                    at.column - s.left, v + i * s.channels, stepV);
        }
        for (int64_t place = 0; place < kPlaces; place++) {
          const float *a = v + place * stepV;
          float *c = m + place * stepM;
          for (int64_t column = 0; column < s.outputs; column += kColumns) {
            const float *b = u + place * apart(s.channels * s.outputs) + column * s.channels;
            for (int64_t row = 0; row < count; row += kRows)
              productOf(std::min(kRows, count - row), a + row * s.channels, s.channels, 1, b, kColumns, s.channels,
                        c + row * s.outputs + column, s.outputs, false);
          }
        }
        for (int64_t i = 0; i < count; i++) {
          const Place at = tiles.at(first + i);
          resultTile(m + i * s.outputs, stepM, s.outputs, bias, relu,
                     y + at.image * s.outHeight * s.outWidth * s.outputs, s.outHeight, s.outWidth, at.row, at.column);
        }
      }
    }
  });
}

size_t convolveWork(const WinogradShape &s) {
  const int64_t perThread = apart(kBlock * s.channels) + apart(kBlock * s.outputs);
  return static_cast<size_t>(kPlaces * (apart(s.channels * s.outputs) + threads() * perThread));
}

}  // namespace

bool WinogradShape::fits() const {
  return channels % kColumns == 0 && outputs % kColumns == 0 && outHeight >= 3 && outWidth >= 3 && n > 0 &&
         outHeight <= height + 2 && outWidth <= width + 2 && top >= 0 && left >= 0 && top <= 2 && left <= 2;
}

template <typename T>
void winogradForward(const WinogradShape &s, const T *x, const float *filter, const float *bias, bool relu, T *y) {
  auto *u = static_cast<float *>(scratch(convolveWork(s) * sizeof(float)));
  transformAll<std::is_same_v<T, Bf16>>(filter, s.channels, s.outputs, u);
  convolve(s, x, u, bias, relu, y, u + kPlaces * apart(s.channels * s.outputs));
}

// A convolution of the results' gradient with the filter turned around, channels and outputs swapped.
template <typename T>
void winogradInputGradient(const WinogradShape &s, const T *dy, const float *filter, T *dx) {
  const WinogradShape back{s.n,       s.outHeight, s.outWidth, s.outputs, s.channels,
                           s.height,  s.width,     2 - s.top,  2 - s.left};
  const size_t turned = static_cast<size_t>(9 * s.channels * s.outputs);
  auto *swapped = static_cast<float *>(scratch((turned + convolveWork(back)) * sizeof(float)));
  parallel(9 * s.outputs, 64, [=](int64_t from, int64_t to) {
    for (int64_t at = from; at < to; at++) {
      const int64_t place = at / s.outputs, output = at % s.outputs;
      const float *source = filter + (8 - place) * s.channels * s.outputs + output;
      float *target = swapped + at * s.channels;
      for (int64_t channel = 0; channel < s.channels; channel++) target[channel] = source[channel * s.outputs];
    }
  });
  float *u = swapped + turned;
  transformAll<std::is_same_v<T, Bf16>>(swapped, back.channels, back.outputs, u);
  convolve(back, dy, u, nullptr, false, dx, u + kPlaces * apart(s.channels * s.outputs));
}

template <typename T>
void winogradFilterGradient(const WinogradShape &s, const T *x, const T *dy, float *dw) {
  const Tiles tiles(s);
  const int64_t blocks = (tiles.count + kLongBlock - 1) / kLongBlock;
  const int64_t pieces = std::min<int64_t>(threads(), blocks);
  const int64_t stepV = apart(kLongBlock * s.channels), stepG = apart(kLongBlock * s.outputs);
  const int64_t stepC = apart(s.channels * s.outputs), sums = kPlaces * stepC;
  const int64_t perThread = sums + kPlaces * (stepV + stepG);
  auto *work = static_cast<float *>(scratch(static_cast<size_t>(pieces * perThread) * sizeof(float)));
  parallel(pieces, 1, [&](int64_t fromPiece, int64_t toPiece) {
    for (int64_t piece = fromPiece; piece < toPiece; piece++) {
      float *total = work + piece * perThread, *v = total + sums, *g = v + kPlaces * stepV;
      const int64_t end = blocks * (piece + 1) / pieces;
      bool add = false;
      for (int64_t block = blocks * piece / pieces; block < end; block++, add = true) {
        const int64_t first = block * kLongBlock, count = std::min(kLongBlock, tiles.count - first);
        for (int64_t i = 0; i < count; i++) {
          const Place at = tiles.at(first + i);
          inputTile(x + at.image * s.height * s.width * s.channels, s.height, s.width, s.channels, at.row - s.top,
                    at.column - s.left, v + i * s.channels, stepV);
          gradientTile(dy + at.image * s.outHeight * s.outWidth * s.outputs, s.outHeight, s.outWidth, s.outputs,
                       at.row, at.column, g + i * s.outputs, stepG);
        }
        for (int64_t place = 0; place < kPlaces; place++) {
          const float *a = v + place * stepV, *b = g + place * stepG;
          float *c = total + place * stepC;
          for (int64_t column = 0; column < s.outputs; column += kColumns)
            for (int64_t row = 0; row < s.channels; row += kRows)
              productOf(std::min(kRows, s.channels - row), a + row, 1, s.channels, b + column, s.outputs, count,
                        c + row * s.outputs + column, s.outputs, add);
        }
      }
    }
  });
  parallel(s.channels, 4, [&](int64_t from, int64_t to) {
    for (int64_t channel = from; channel < to; channel++)
      for (int64_t c = 0; c < s.outputs; c += kLanes) {
        Vec half[3][kTile];
        for (int64_t j = 0; j < kTile; j++) {
          Vec m[kTile], o[3];
          for (int64_t i = 0; i < kTile; i++) {
            const int64_t at = (i * kTile + j) * stepC + channel * s.outputs + c;
            m[i] = load(work + at);
            for (int64_t piece = 1; piece < pieces; piece++) m[i] += load(work + piece * perThread + at);
          }
          transformWeights(m, o);
          for (int64_t i = 0; i < 3; i++) half[i][j] = o[i];
        }
        for (int64_t i = 0; i < 3; i++) {
          Vec o[3];
          transformWeights(half[i], o);
          for (int64_t j = 0; j < 3; j++) store(dw + ((i * 3 + j) * s.channels + channel) * s.outputs + c, o[j]);
        }
      }
  });
}

#define ATELIER_WINOGRAD(T)                                                                                          \
  template void winogradForward<T>(const WinogradShape &, const T *, const float *, const float *, bool, T *);          \
  template void winogradInputGradient<T>(const WinogradShape &, const T *, const float *, T *);                         \
  template void winogradFilterGradient<T>(const WinogradShape &, const T *, const T *, float *);

ATELIER_WINOGRAD(float)
ATELIER_WINOGRAD(Bf16)

}  // namespace atelier
