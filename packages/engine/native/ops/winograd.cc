#include "winograd.h"

#include "winograd-tiles.h"

namespace atelier {

using namespace winograd;

namespace {

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
