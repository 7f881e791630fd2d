// Tiles of Winograd's filtering: where they are, their transforms, and the products between them.
#pragma once
#include <algorithm>
#include <cstdint>

#include "../op.h"
#include "../simd.h"
#include "winograd.h"

namespace atelier {

namespace winograd {

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
inline void transformAll(const float *filter, int64_t channels, int64_t outputs, float *u) {
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

}  // namespace winograd

}  // namespace atelier
