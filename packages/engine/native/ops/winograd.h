// Convolutions of 3 x 3 with a stride of 1 by Winograd's minimal filtering (Lavin and Gray 2016): 36 products for 4 x 4
// results instead of 144.
#pragma once
#include <cstdint>

#include "../op.h"

namespace atelier {

// Images [n, height, width, channels], filter [3, 3, channels, outputs], results [n, outHeight, outWidth, outputs].
struct WinogradShape {
  int64_t n, height, width, channels, outputs, outHeight, outWidth, top, left;

  // Whether all three products can be had: channel counts fill vectors, and tiles of 4 x 4 are not mostly padding.
  bool fits() const;
};

// T, of images and results, is float or Bf16; with Bf16 the filter is rounded to it, and sums are fp32 all the same.

// The result of the convolution, then bias (may be null) and ReLU.
template <typename T>
void winogradForward(const WinogradShape &shape, const T *x, const float *filter, const float *bias, bool relu, T *y);
// The gradient of the images.
template <typename T>
void winogradInputGradient(const WinogradShape &shape, const T *dy, const float *filter, T *dx);
// The gradient of the filter.
template <typename T>
void winogradFilterGradient(const WinogradShape &shape, const T *x, const T *dy, float *dw);

}  // namespace atelier
