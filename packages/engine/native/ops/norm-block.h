// The block between two convolutions of a training step, in two passes forward and two back: bias, ReLU, batch
// normalization over all axes but the last (Ioffe and Szegedy 2015), ReLU, max pooling.
//
// u = x + bias; v = relu(u)?; w = (v - mean) / sqrt(variance + epsilon) * scale + offset; w = relu(w)?; y = maxPool(w)?
#pragma once
#include <algorithm>
#include <cstring>

#include "../op.h"

namespace atelier {

// Sums are taken over this many pieces whatever the thread count, then added in order: the same bits on any number.
constexpr int64_t kNormPieces = 64;
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
  template <typename T>
  int places(const T *x, int64_t image, int64_t outRow, int64_t outColumn, const T **list) const {
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
  const int64_t pieces = std::min(kNormPieces, std::max<int64_t>(rows, 1));
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

}  // namespace atelier
