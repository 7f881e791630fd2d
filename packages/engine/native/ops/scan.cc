// Along one dimension: the place of an extreme, running sums, softmax.
#include "../elements.h"
#include "../vector-math.h"

namespace atelier {

namespace {

constexpr int64_t kColumns = 512;

// Numbers: sizes before the dimension, of it, and after it.
struct Line {
  int64_t outer, length, inner;
  explicit Line(Call &call) {
    outer = call.size();
    length = call.size();
    inner = call.size();
    product({outer, length, inner});
  }
  size_t count() const { return static_cast<size_t>(outer * length * inner); }
  size_t results() const { return static_cast<size_t>(outer * inner); }
  int64_t chunks() const { return (inner + kColumns - 1) / kColumns; }

  // Calls body(at, place of the first of the columns without the dimension, columns).
  template <typename Body>
  void each(const Body &body) const {
    if (count() == 0) return;
    const int64_t work = std::max<int64_t>(1, length * std::min(inner, kColumns));
    parallel(outer * chunks(), std::max<int64_t>(1, 8192 / work), [&](int64_t from, int64_t to) {
      for (int64_t task = from; task < to; task++) {
        const int64_t column = task % chunks() * kColumns, row = task / chunks();
        body(row * length * inner + column, row * inner + column, std::min(kColumns, inner - column));
      }
    });
  }
};

template <typename T, bool kLargest>
Work argExtreme(Call &call) {
  const Line line(call);
  const auto *x = call.input<T>(0, line.count());
  auto *y = call.output<int32_t>(0, line.results());
  call.expect(line.length > 0 && line.length <= INT32_MAX, "a dimension that is not empty expected");
  return [=] {
    line.each([&](int64_t at, int64_t place, int64_t columns) {
      T best[kColumns];
      std::copy(x + at, x + at + columns, best);
      int32_t *where = y + place;
      std::fill(where, where + columns, 0);
      for (int64_t i = 1; i < line.length; i++) {
        const T *values = x + at + i * line.inner;
        for (int64_t c = 0; c < columns; c++) {
          const bool better = kLargest ? values[c] > best[c] : values[c] < best[c];
          best[c] = better ? values[c] : best[c];
          where[c] = better ? static_cast<int32_t>(i) : where[c];
        }
      }
    });
  };
}

// Then numbers: exclusive, reverse.
template <typename T>
Work runningSum(Call &call) {
  const Line line(call);
  const bool exclusive = call.flag(), reverse = call.flag();
  const auto *x = call.input<T>(0, line.count());
  auto *y = call.output<T>(0, line.count());
  return [=] {
    line.each([&](int64_t at, int64_t, int64_t columns) {
      const int64_t step = reverse ? -line.inner : line.inner;
      const T *values = x + at + (reverse ? (line.length - 1) * line.inner : 0);
      T *sums = y + at + (reverse ? (line.length - 1) * line.inner : 0);
      for (int64_t c = 0; c < columns; c++) sums[c] = exclusive ? T{0} : values[c];
      for (int64_t i = 1; i < line.length; i++) {
        const T *added = values + (exclusive ? i - 1 : i) * step;
        const T *before = sums + (i - 1) * step;
        T *into = sums + i * step;
        for (int64_t c = 0; c < columns; c++) {
          if constexpr (std::is_same_v<T, int32_t>)
            into[c] = static_cast<int32_t>(static_cast<uint32_t>(before[c]) + static_cast<uint32_t>(added[c]));
          else
            into[c] = before[c] + added[c];
        }
      }
    });
  };
}

const Registration kRegistrations[] = {
    {"argMax", argExtreme<float, true>},     {"argMaxInt", argExtreme<int32_t, true>},
    {"argMin", argExtreme<float, false>},    {"argMinInt", argExtreme<int32_t, false>},
    {"cumsum", runningSum<float>},           {"cumsumInt", runningSum<int32_t>},
};

}  // namespace

// in: x [rows, classes]; out: y. Numbers: rows, classes.
ATELIER_OP(softmax) {
  const int64_t rows = call.size(), classes = call.size();
  const size_t count = product({rows, classes});
  const auto *x = call.input<float>(0, count);
  auto *y = call.output<float>(0, count);
  return [=] {
    if (count == 0) return;
    parallel(rows, std::max<int64_t>(1, 4096 / classes), [=](int64_t from, int64_t to) {
      for (int64_t row = from; row < to; row++) {
        const float *z = x + row * classes;
        float *p = y + row * classes;
        float most = -INFINITY;
#pragma omp simd reduction(max : most)
        for (int64_t c = 0; c < classes; c++) most = z[c] > most ? z[c] : most;
        double total = 0;
#pragma omp simd reduction(+ : total)
        for (int64_t c = 0; c < classes; c++) {
          p[c] = vectorExp(z[c] - most);
          total += p[c];
        }
        const auto scale = static_cast<float>(1 / total);
#pragma omp simd
        for (int64_t c = 0; c < classes; c++) p[c] *= scale;
      }
    });
  };
}

}  // namespace atelier
