// Images of another size, bilinear or by the nearest pixel, and their gradients.
#include <algorithm>
#include <memory>

#include "../op.h"

namespace atelier {

namespace {

// For each new place along an axis: the old places around it, and how far it is from the first.
struct Axis {
  std::vector<int64_t> low, high;
  std::vector<float> fraction;
};

struct Resize {
  int64_t n, height, width, channels, newHeight, newWidth;
  bool alignCorners, halfPixelCenters;

  // Numbers: images [n, height, width, channels], new height and width, alignCorners, halfPixelCenters.
  explicit Resize(Call &call) {
    for (int64_t *field : {&n, &height, &width, &channels, &newHeight, &newWidth}) *field = call.size();
    alignCorners = call.flag();
    halfPixelCenters = call.flag();
    product({n, height, width, channels});
    product({n, newHeight, newWidth, channels});
    call.expect(height > 0 && width > 0, "images with pixels expected");
  }

  size_t count() const { return static_cast<size_t>(n * height * width * channels); }
  // Nothing to compute: the sizes that are not 0 may be anything then.
  bool empty() const { return count() == 0 || newCount() == 0; }
  size_t newCount() const { return static_cast<size_t>(n * newHeight * newWidth * channels); }

  double scale(int64_t from, int64_t to) const {
    const bool corners = alignCorners && to > 1;
    return static_cast<double>(corners ? from - 1 : from) / static_cast<double>(corners ? to - 1 : to);
  }

  Axis bilinear(int64_t from, int64_t to) const {
    Axis axis;
    if (empty()) return axis;
    for (int64_t i = 0; i < to; i++) {
      const double place = static_cast<double>(i);
      const double at = halfPixelCenters ? scale(from, to) * (place + 0.5) - 0.5 : scale(from, to) * place;
      const auto low = std::clamp<int64_t>(static_cast<int64_t>(std::floor(at)), 0, from - 1);
      axis.low.push_back(low);
      axis.high.push_back(std::clamp<int64_t>(static_cast<int64_t>(std::ceil(at)), 0, from - 1));
      axis.fraction.push_back(static_cast<float>(at - static_cast<double>(low)));
    }
    return axis;
  }

  Axis nearest(int64_t from, int64_t to) const {
    Axis axis;
    if (empty()) return axis;
    for (int64_t i = 0; i < to; i++) {
      const double at = scale(from, to) * (static_cast<double>(i) + (halfPixelCenters ? 0.5 : 0));
      const double place = std::floor(alignCorners ? at + 0.5 : at);
      axis.low.push_back(std::clamp<int64_t>(static_cast<int64_t>(place), 0, from - 1));
    }
    return axis;
  }

  int64_t at(int64_t image, int64_t row, int64_t column) const {
    return ((image * height + row) * width + column) * channels;
  }

  // Calls body(offset of the new pixel, image, new row, new column) for all.
  template <typename Body>
  void each(const Body &body) const {
    if (empty()) return;
    const int64_t work = std::max<int64_t>(1, newWidth * channels);
    parallel(n * newHeight, std::max<int64_t>(1, 8192 / work), [&](int64_t from, int64_t to) {
      for (int64_t line = from; line < to; line++)
        for (int64_t column = 0; column < newWidth; column++)
          body((line * newWidth + column) * channels, line / newHeight, line % newHeight, column);
    });
  }

  // The same for a gradient, which adds to old pixels: an image is one thread's.
  template <typename Body>
  void eachBack(float *dx, const Body &body) const {
    if (empty()) {
      std::fill(dx, dx + count(), 0.f);
      return;
    }
    parallel(n, 1, [&](int64_t from, int64_t to) {
      std::fill(dx + at(from, 0, 0), dx + at(to, 0, 0), 0.f);
      for (int64_t image = from; image < to; image++)
        for (int64_t row = 0; row < newHeight; row++)
          for (int64_t column = 0; column < newWidth; column++)
            body(((image * newHeight + row) * newWidth + column) * channels, image, row, column);
    });
  }
};

struct Axes {
  Axis rows, columns;
};

}  // namespace

// in: images; out: result.
ATELIER_OP(resizeBilinear) {
  const Resize s(call);
  const auto *x = call.input<float>(0, s.count());
  auto *y = call.output<float>(0, s.newCount());
  const auto axes = std::make_shared<Axes>(Axes{s.bilinear(s.height, s.newHeight), s.bilinear(s.width, s.newWidth)});
  return [=] {
    s.each([&](int64_t to, int64_t image, int64_t row, int64_t column) {
      const auto r = static_cast<size_t>(row), k = static_cast<size_t>(column);
      const Axis &rows = axes->rows, &columns = axes->columns;
      const float *a = x + s.at(image, rows.low[r], columns.low[k]), *b = x + s.at(image, rows.low[r], columns.high[k]);
      const float *d = x + s.at(image, rows.high[r], columns.low[k]), *e = x + s.at(image, rows.high[r], columns.high[k]);
      const float down = rows.fraction[r], right = columns.fraction[k];
      float *into = y + to;
#pragma omp simd
      for (int64_t c = 0; c < s.channels; c++) {
        const float upper = a[c] + (b[c] - a[c]) * right, lower = d[c] + (e[c] - d[c]) * right;
        into[c] = upper + (lower - upper) * down;
      }
    });
  };
}

// in: gradient of the result; out: gradient of the images.
ATELIER_OP(resizeBilinearGradient) {
  const Resize s(call);
  const auto *dy = call.input<float>(0, s.newCount());
  auto *dx = call.output<float>(0, s.count());
  const auto axes = std::make_shared<Axes>(Axes{s.bilinear(s.height, s.newHeight), s.bilinear(s.width, s.newWidth)});
  return [=] {
    s.eachBack(dx, [&](int64_t from, int64_t image, int64_t row, int64_t column) {
      const auto r = static_cast<size_t>(row), k = static_cast<size_t>(column);
      const Axis &rows = axes->rows, &columns = axes->columns;
      const float down = rows.fraction[r], right = columns.fraction[k];
      const auto add = [&](int64_t oldRow, int64_t oldColumn, float weight) {
        float *into = dx + s.at(image, oldRow, oldColumn);
        for (int64_t c = 0; c < s.channels; c++) into[c] += dy[from + c] * weight;
      };
      add(rows.low[r], columns.low[k], (1 - down) * (1 - right));
      add(rows.low[r], columns.high[k], (1 - down) * right);
      add(rows.high[r], columns.low[k], down * (1 - right));
      add(rows.high[r], columns.high[k], down * right);
    });
  };
}

// in: images; out: result.
ATELIER_OP(resizeNearest) {
  const Resize s(call);
  const auto *x = call.input<float>(0, s.count());
  auto *y = call.output<float>(0, s.newCount());
  const auto axes = std::make_shared<Axes>(Axes{s.nearest(s.height, s.newHeight), s.nearest(s.width, s.newWidth)});
  return [=] {
    s.each([&](int64_t to, int64_t image, int64_t row, int64_t column) {
      const float *from = x + s.at(image, axes->rows.low[static_cast<size_t>(row)],
                                   axes->columns.low[static_cast<size_t>(column)]);
      std::copy(from, from + s.channels, y + to);
    });
  };
}

// in: gradient of the result; out: gradient of the images.
ATELIER_OP(resizeNearestGradient) {
  const Resize s(call);
  const auto *dy = call.input<float>(0, s.newCount());
  auto *dx = call.output<float>(0, s.count());
  const auto axes = std::make_shared<Axes>(Axes{s.nearest(s.height, s.newHeight), s.nearest(s.width, s.newWidth)});
  return [=] {
    s.eachBack(dx, [&](int64_t from, int64_t image, int64_t row, int64_t column) {
      float *into = dx + s.at(image, axes->rows.low[static_cast<size_t>(row)],
                              axes->columns.low[static_cast<size_t>(column)]);
      for (int64_t c = 0; c < s.channels; c++) into[c] += dy[from + c];
    });
  };
}

}  // namespace atelier
