// Largest and mean values of windows of channels-last images, and their gradients.
#include <algorithm>

#include "../op.h"
#include "../simd.h"

namespace atelier {

namespace {

// Channels whose places are kept at a time by the gradients.
constexpr int64_t kChannels = 64;

// Numbers: images [n, height, width, channels], window, strides, padding before, result's height and width.
struct Windows {
  int64_t n, height, width, channels, rows, columns, strideRows, strideColumns, top, left, outHeight, outWidth;

  explicit Windows(Call &call) {
    for (int64_t *field : {&n, &height, &width, &channels, &rows, &columns, &strideRows, &strideColumns, &top, &left,
                           &outHeight, &outWidth})
      *field = call.size();
    product({n, height, width, channels});
    product({n, outHeight, outWidth, channels});
    const auto most = int64_t{1} << 30;
    call.expect(rows > 0 && columns > 0 && rows < most && columns < most, "windows of one place or more expected");
    call.expect(strideRows > 0 && strideColumns > 0 && strideRows < most && strideColumns < most,
                "strides of 1 or more expected");
    call.expect(top < most && left < most, "smaller padding expected");
  }

  size_t count() const { return static_cast<size_t>(n * height * width * channels); }
  size_t outCount() const { return static_cast<size_t>(n * outHeight * outWidth * channels); }
  // None where the result is empty: its other sizes may be anything then.
  int64_t usedRows() const { return outCount() == 0 ? 0 : outHeight; }
  int64_t chunks() const { return (channels + kChannels - 1) / kChannels; }

  // The part of a window within the image: [from, to).
  struct Span {
    int64_t from, to;
    int64_t size() const { return std::max<int64_t>(0, to - from); }
  };
  Span rowsOf(int64_t outRow) const {
    const int64_t corner = outRow * strideRows - top;
    return {std::max<int64_t>(0, corner), std::min(height, corner + rows)};
  }
  Span columnsOf(int64_t outColumn) const {
    const int64_t corner = outColumn * strideColumns - left;
    return {std::max<int64_t>(0, corner), std::min(width, corner + columns)};
  }

  // Calls body(y's offset, rows, columns, offset of the image) for each window, in pieces for threads.
  template <typename Body>
  void each(const Body &body) const {
    if (outCount() == 0) return;
    const int64_t work = std::max<int64_t>(1, outWidth * channels * std::min<int64_t>(rows * columns, 64));
    parallel(n * outHeight, std::max<int64_t>(1, 16384 / work), [&](int64_t from, int64_t to) {
      for (int64_t line = from; line < to; line++)
        for (int64_t column = 0; column < outWidth; column++)
          body((line * outWidth + column) * channels, rowsOf(line % outHeight), columnsOf(column),
               line / outHeight * height * width * channels);
    });
  }

  // Joins a window's values by channel, which stay in registers meanwhile.
  template <typename Join, typename Finish>
  void overWindow(const float *image, Span inRows, Span inColumns, float *into, float start, const Join &join,
                  const Finish &finish) const {
    const auto each = [&](auto joined, int64_t channel, const auto &read) {
      for (int64_t row = inRows.from; row < inRows.to; row++)
        for (int64_t column = inColumns.from; column < inColumns.to; column++)
          joined = join(joined, read(image + (row * width + column) * channels + channel));
      return finish(joined);
    };
    int64_t c = 0;
    for (; c + kLanes <= channels; c += kLanes)
      store(into + c, each(splat(start), c, [](const float *at) { return load(at); }));
    for (; c < channels; c++) into[c] = each(start, c, [](const float *at) { return *at; });
  }

  // Calls body(image, first channel, channels) for parts that no two threads share.
  template <typename Body>
  void eachPart(const Body &body) const {
    if (count() == 0) return;
    parallel(n * chunks(), 1, [&](int64_t from, int64_t to) {
      for (int64_t part = from; part < to; part++) {
        const int64_t channel = part % chunks() * kChannels;
        body(part / chunks(), channel, std::min(kChannels, channels - channel));
      }
    });
  }

  void clear(float *dx, int64_t image, int64_t channel, int64_t width_) const {
    for (int64_t pixel = image * height * width; pixel < (image + 1) * height * width; pixel++)
      std::fill(dx + pixel * channels + channel, dx + pixel * channels + channel + width_, 0.f);
  }
};

// The place within the image of the largest value of a window, by channel; the first of equals, -1 where there is none.
void places(const Windows &s, const float *x, Windows::Span rows, Windows::Span columns, int64_t channels, int32_t *where) {
  float best[kChannels];
  std::fill(best, best + channels, -INFINITY);
  std::fill(where, where + channels, -1);
  for (int64_t row = rows.from; row < rows.to; row++)
    for (int64_t column = columns.from; column < columns.to; column++) {
      const int64_t pixel = row * s.width + column;
      const float *values = x + pixel * s.channels;
      const auto place = static_cast<int32_t>(pixel);
#pragma omp simd
      for (int64_t c = 0; c < channels; c++) {
        const bool more = values[c] > best[c];
        best[c] = more ? values[c] : best[c];
        where[c] = more ? place : where[c];
      }
    }
}

}  // namespace

// in: x; out: y. NaN is not larger than anything, as in the cpu backend.
ATELIER_OP(maxPool) {
  const Windows s(call);
  const auto *x = call.input<float>(0, s.count());
  auto *y = call.output<float>(0, s.outCount());
  return [=] {
    s.each([&](int64_t at, Windows::Span rows, Windows::Span columns, int64_t image) {
      s.overWindow(x + image, rows, columns, y + at, -INFINITY,
                   [](auto best, auto value) { return value > best ? value : best; }, [](auto best) { return best; });
    });
  };
}

// in: dy, x; out: dx: each window's gradient goes to its first largest value.
ATELIER_OP(maxPoolGradient) {
  const Windows s(call);
  const auto *dy = call.input<float>(0, s.outCount());
  const auto *x = call.input<float>(1, s.count());
  auto *dx = call.output<float>(0, s.count());
  call.expect(s.height * s.width <= INT32_MAX, "images of fewer than 2^31 pixels expected");
  return [=] {
    s.eachPart([&](int64_t image, int64_t channel, int64_t channels) {
      s.clear(dx, image, channel, channels);
      const int64_t base = image * s.height * s.width * s.channels + channel;
      int32_t where[kChannels];
      for (int64_t row = 0; row < s.usedRows(); row++)
        for (int64_t column = 0; column < s.outWidth; column++) {
          places(s, x + base, s.rowsOf(row), s.columnsOf(column), channels, where);
          const float *given = dy + ((image * s.outHeight + row) * s.outWidth + column) * s.channels + channel;
          for (int64_t c = 0; c < channels; c++)
            if (where[c] >= 0) dx[base + where[c] * s.channels + c] += given[c];
        }
    });
  };
}

// in: x; out: y. The mean of the places within the image.
ATELIER_OP(avgPool) {
  const Windows s(call);
  const auto *x = call.input<float>(0, s.count());
  auto *y = call.output<float>(0, s.outCount());
  return [=] {
    s.each([&](int64_t at, Windows::Span rows, Windows::Span columns, int64_t image) {
      const auto count = static_cast<float>(rows.size() * columns.size());
      s.overWindow(x + image, rows, columns, y + at, 0.f, [](auto sum, auto value) { return sum + value; },
                   [=](auto sum) { return sum / count; });
    });
  };
}

// in: dy; out: dx. As all of TensorFlow.js' backends and its tests have it, a value gets its share of the whole window, also
// where part of the window lies outside the image and avgPool took the mean of the rest.
ATELIER_OP(avgPoolGradient) {
  const Windows s(call);
  const auto *dy = call.input<float>(0, s.outCount());
  auto *dx = call.output<float>(0, s.count());
  const float scale = 1.f / static_cast<float>(s.rows * s.columns);
  return [=] {
    s.eachPart([&](int64_t image, int64_t channel, int64_t channels) {
      s.clear(dx, image, channel, channels);
      for (int64_t outRow = 0; outRow < s.usedRows(); outRow++)
        for (int64_t outColumn = 0; outColumn < s.outWidth; outColumn++) {
          const Windows::Span rows = s.rowsOf(outRow), columns = s.columnsOf(outColumn);
          const float *given = dy + ((image * s.outHeight + outRow) * s.outWidth + outColumn) * s.channels + channel;
          for (int64_t row = rows.from; row < rows.to; row++)
            for (int64_t column = columns.from; column < columns.to; column++) {
              float *into = dx + ((image * s.height + row) * s.width + column) * s.channels + channel;
#pragma omp simd
              for (int64_t c = 0; c < channels; c++) into[c] += given[c] * scale;
            }
        }
    });
  };
}

}  // namespace atelier
