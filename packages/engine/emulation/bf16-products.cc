// oneDNN's products of bf16, and rounding in vector code, held against sums in double: for CPUs that this project's
// machines are not, run in an emulated one (README.md). Prints what it did; ends with 0 where everything fits.
#include <omp.h>

#include <cmath>
#include <cstdio>
#include <cstring>

#include "../native/conversion.h"
#include "../native/op.h"
#include "../native/precision.h"

using namespace atelier;

namespace {

int failures = 0;

// Numbers in [-1, 1) that need more digits than bf16 has.
std::vector<float> numbers(size_t count, uint32_t seed) {
  std::vector<float> list(count);
  for (float &value : list) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<float>(static_cast<double>(seed) / 2147483648.0 - 1.0);
  }
  return list;
}

std::vector<double> rounded(const std::vector<float> &list) {
  std::vector<double> result;
  for (float value : list) result.push_back(roundedToBf16(value));
  return result;
}

Block blockOf(const std::vector<float> &values) {
  Block block = makeBlock(values.size() * sizeof(float));
  std::memcpy(block->data, values.data(), values.size() * sizeof(float));
  return block;
}

// The result of an operation, whose block holds bf16 or floats.
std::vector<float> resultOf(const char *name, const std::vector<double> &arguments, const std::vector<Block> &in,
                            size_t count, bool half) {
  Block out = makeBlock(count * (half ? sizeof(Bf16) : sizeof(float)));
  out->half = half;
  Call call(name, arguments, in, {out});
  call.complete(findOp(name)(call))();
  std::vector<float> values(count);
  if (half) widen(static_cast<const Bf16 *>(out->data), values.data(), static_cast<int64_t>(count));
  else std::memcpy(values.data(), out->data, count * sizeof(float));
  return values;
}

void compare(const std::string &what, const std::vector<float> &got, const std::vector<double> &wanted, bool half) {
  double largest = 0, worst = 0;
  for (double value : wanted) largest = std::max(largest, std::abs(value));
  for (size_t i = 0; i < wanted.size(); i++) {
    // half a unit of bf16's last digit, and what sums in fp32 lose, by Winograd's filtering too
    const double allowed = (half ? std::abs(wanted[i]) / 256 : 0) + 1.1e-4 * largest;
    worst = std::max(worst, std::abs(got[i] - wanted[i]) / allowed);
  }
  const bool fits = worst <= 1;
  if (!fits) failures++;
  std::printf("%-58s %s (%.3f of what is allowed)\n", what.c_str(), fits ? "fits" : "DOES NOT FIT", worst);
}

struct Convolution {
  int64_t n, height, width, channels, rows, columns, outputs, stride, pad;
  bool depthwise;
  int64_t outHeight() const { return (height + 2 * pad - rows) / stride + 1; }
  int64_t outWidth() const { return (width + 2 * pad - columns) / stride + 1; }
  size_t images() const { return static_cast<size_t>(n * height * width * channels); }
  size_t results() const { return static_cast<size_t>(n * outHeight() * outWidth() * outputs); }
  size_t weights() const { return static_cast<size_t>(rows * columns * (depthwise ? outputs : channels * outputs)); }
  std::vector<double> arguments() const {
    std::vector<double> list;
    for (int64_t number : {n, height, width, channels, rows, columns, outputs, outHeight(), outWidth(), stride, stride,
                           int64_t{1}, int64_t{1}, pad, pad, pad, pad, int64_t{depthwise}})
      list.push_back(static_cast<double>(number));
    return list;
  }
  std::string words() const {
    char text[96];
    std::snprintf(text, sizeof text, "[%d, %d, %d, %d] by %dx%d to %d/%d%s", int(n), int(height), int(width),
                  int(channels), int(rows), int(columns), int(outputs), int(stride), depthwise ? " depthwise" : "");
    return text;
  }
  // Calls body(image, result, weight) for every product of the definition.
  template <typename Body>
  void each(const Body &body) const {
    for (int64_t b = 0; b < n; b++)
      for (int64_t r = 0; r < outHeight(); r++)
        for (int64_t c = 0; c < outWidth(); c++)
          for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < columns; j++) {
              const int64_t h = r * stride + i - pad, v = c * stride + j - pad;
              if (h < 0 || h >= height || v < 0 || v >= width) continue;
              for (int64_t o = 0; o < outputs; o++)
                for (int64_t k = 0; k < channels; k++) {
                  if (depthwise && o / (outputs / channels) != k) continue;
                  const int64_t weight = depthwise ? (i * columns + j) * outputs + o
                                                   : ((i * columns + j) * channels + k) * outputs + o;
                  body(static_cast<size_t>(((b * height + h) * width + v) * channels + k),
                       static_cast<size_t>(((b * outHeight() + r) * outWidth() + c) * outputs + o),
                       static_cast<size_t>(weight));
                }
            }
  }
};

void check(const Convolution &shape, const char *how) {
  const auto x = numbers(shape.images(), 1), w = numbers(shape.weights(), 2), dy = numbers(shape.results(), 3);
  const auto rx = rounded(x), rw = rounded(w), rdy = rounded(dy);
  std::vector<double> y(shape.results()), dx(shape.images()), dw(shape.weights());
  shape.each([&](size_t image, size_t result, size_t weight) {
    y[result] += rx[image] * rw[weight];
    dx[image] += rdy[result] * rw[weight];
    dw[weight] += rx[image] * rdy[result];
  });
  auto arguments = shape.arguments();
  const std::string words = std::string(how) + " " + shape.words();
  compare(words + ": input gradient",
          resultOf("conv2dInputGradient", arguments, {blockOf(dy), blockOf(w)}, dx.size(), true), dx, true);
  compare(words + ": filter gradient",
          resultOf("conv2dFilterGradient", arguments, {blockOf(x), blockOf(dy)}, dw.size(), false), dw, false);
  arguments.push_back(0);
  compare(words, resultOf("conv2d", arguments, {blockOf(x), blockOf(w)}, y.size(), true), y, true);
}

void checkProduct(int64_t m, int64_t k, int64_t n, bool transposeA, bool transposeB, bool half, const char *how) {
  const auto a = numbers(static_cast<size_t>(m * k), 4), b = numbers(static_cast<size_t>(k * n), 5);
  const auto bias = numbers(static_cast<size_t>(n), 6);
  const auto ra = rounded(a), rb = rounded(b);
  std::vector<double> c(static_cast<size_t>(m * n));
  for (int64_t row = 0; row < m; row++)
    for (int64_t column = 0; column < n; column++) {
      double sum = bias[static_cast<size_t>(column)];
      for (int64_t i = 0; i < k; i++)
        sum += ra[static_cast<size_t>(transposeA ? i * m + row : row * k + i)] *
               rb[static_cast<size_t>(transposeB ? column * k + i : i * n + column)];
      c[static_cast<size_t>(row * n + column)] = half ? std::max(sum, 0.0) : sum;
    }
  const std::vector<double> arguments{1, 1, double(m), double(k), double(n), double(transposeA), double(transposeB),
                                      double(half)};
  char words[80];
  std::snprintf(words, sizeof words, "%s %dx%d%s by %dx%d%s into %s", how, int(m), int(k), transposeA ? "'" : "", int(k),
                int(n), transposeB ? "'" : "", half ? "bf16" : "fp32");
  compare(words, resultOf("matmul", arguments, {blockOf(a), blockOf(b), blockOf(bias)}, c.size(), half), c, half);
}

// Vector code against one number at a time.
void checkRounding() {
  const size_t count = 65536 * 8;
  std::vector<float> list(count);
  for (size_t i = 0; i < count; i++) {
    const uint32_t low[] = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff, 0x4000, 0xc000};
    const uint32_t bits = static_cast<uint32_t>(i / 8) << 16 | low[i % 8];
    std::memcpy(&list[i], &bits, sizeof bits);
  }
  Block key = makeBlock(8), half = makeBlock(count * 2);
  std::memset(key->data, 0, 8);
  half->half = true;
  Call call("seededDropout", {double(count), 0}, {blockOf(list), key}, {half});
  call.complete(findOp("seededDropout")(call))();
  size_t wrong = 0;
  const auto *got = static_cast<const Bf16 *>(half->data);
  for (size_t i = 0; i < count; i++) wrong += got[i].bits != upperHalf(list[i]);
  if (wrong > 0) failures++;
  std::printf("rounding of %zu numbers: %zu differ\n", count, wrong);
}

}  // namespace

int main() {
  omp_set_num_threads(1);
  std::printf("oneDNN %s, %s, bf16 kernels: %s, instructions: %s\n", dnnlVersion().c_str(), dnnlIsa().c_str(),
              hasBf16Kernels() ? "yes" : "no", hasBf16Instructions() ? "yes" : "no");
  checkRounding();
  const std::vector<Convolution> shapes{
      {2, 9, 7, 32, 3, 3, 32, 1, 1, false},  {2, 14, 14, 32, 3, 3, 64, 1, 1, false}, {3, 12, 12, 1, 3, 3, 32, 1, 1, false},
      {2, 8, 8, 16, 3, 3, 16, 2, 1, false},  {2, 8, 8, 24, 1, 1, 40, 1, 0, false},   {2, 9, 9, 16, 3, 3, 16, 1, 1, true},
      {1, 11, 10, 3, 5, 5, 7, 1, 2, false},
  };
  for (const auto how : {Products::bf16Rounded, Products::bf16Native}) {
    if (how == Products::bf16Native && !hasBf16Kernels()) continue;
    setProducts(how);
    const char *words = how == Products::bf16Native ? "oneDNN" : "rounded";
    for (const auto &shape : shapes) check(shape, words);
    checkProduct(13, 70, 21, false, false, false, words);
    checkProduct(13, 70, 21, true, false, false, words);
    checkProduct(16, 96, 32, false, true, true, words);
  }
  std::printf(failures == 0 ? "everything fits\n" : "%d do not fit\n", failures);
  return failures == 0 ? 0 : 1;
}
