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

// The first place of the extreme of a row, as the loop below finds it: what is not larger (NaN) never wins, but a NaN at the
// front stays.
template <typename T, bool kLargest>
int32_t placeOfExtreme(const T *x, int64_t length) {
  constexpr int64_t kWide = 16;
  if (x[0] != x[0]) return 0;
  T best[kWide];
  std::fill(best, best + kWide, x[0]);
  int64_t i = 0;
  for (; i + kWide <= length; i += kWide)
#pragma omp simd
    for (int64_t l = 0; l < kWide; l++) best[l] = (kLargest ? x[i + l] > best[l] : x[i + l] < best[l]) ? x[i + l] : best[l];
  T most = best[0];
  for (const T each : best) most = (kLargest ? each > most : each < most) ? each : most;
  for (; i < length; i++) most = (kLargest ? x[i] > most : x[i] < most) ? x[i] : most;
  for (i = 0; i + kWide <= length; i += kWide) {
    int found = 0;
#pragma omp simd reduction(| : found)
    for (int64_t l = 0; l < kWide; l++) found |= x[i + l] == most;
    if (found) break;
  }
  while (x[i] != most) i++;
  return static_cast<int32_t>(i);
}

template <typename T, bool kLargest>
Work argExtreme(Call &call) {
  const Line line(call);
  const auto *x = call.input<T>(0, line.count());
  auto *y = call.output<int32_t>(0, line.results());
  call.expect(line.length > 0 && line.length <= INT32_MAX, "a dimension that is not empty expected");
  if (line.inner == 1) {
    return [=] {
      parallel(line.outer, std::max<int64_t>(1, 8192 / line.length), [=](int64_t from, int64_t to) {
        for (int64_t row = from; row < to; row++) y[row] = placeOfExtreme<T, kLargest>(x + row * line.length, line.length);
      });
    };
  }
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
        for (int64_t start = 0; start < classes; start += 1024) {
          const int64_t end = std::min(classes, start + 1024);
          float part = 0;
#pragma omp simd reduction(+ : part)
          for (int64_t c = start; c < end; c++) {
            p[c] = vectorExp(z[c] - most);
            part += p[c];
          }
          total += static_cast<double>(part);
        }
        const auto scale = static_cast<float>(1 / total);
#pragma omp simd
        for (int64_t c = 0; c < classes; c++) p[c] *= scale;
      }
    });
  };
}

// in: y = softmax(x), dy [rows, classes]; out: dx = (dy - sum(dy y)) y. Numbers: rows, classes.
ATELIER_OP(softmaxGradient) {
  const int64_t rows = call.size(), classes = call.size();
  const size_t count = product({rows, classes});
  const auto *y = call.input<float>(0, count);
  const auto *dy = call.input<float>(1, count);
  auto *dx = call.output<float>(0, count);
  return [=] {
    if (count == 0) return;
    parallel(rows, std::max<int64_t>(1, 8192 / classes), [=](int64_t from, int64_t to) {
      for (int64_t row = from; row < to; row++) {
        const float *p = y + row * classes, *g = dy + row * classes;
        float *into = dx + row * classes;
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t c = 0; c < classes; c++) sum += p[c] * g[c];
#pragma omp simd
        for (int64_t c = 0; c < classes; c++) into[c] = (g[c] - sum) * p[c];
      }
    });
  };
}

namespace {

// in: x [rows, length]; out: values, places int32 [rows, k], largest first, the first of equals first. NaN is less than all.
// Numbers: rows, length, k.
template <typename T>
Work topK(Call &call) {
  const int64_t rows = call.size(), length = call.size(), k = call.size();
  call.expect(k <= length && length <= INT32_MAX, "no more places than the rows have expected");
  const auto *x = call.input<T>(0, product({rows, length}));
  auto *values = call.output<T>(0, product({rows, k}));
  auto *places = call.output<int32_t>(1, product({rows, k}));
  return [=] {
    if (k == 0) return;
    parallel(rows, std::max<int64_t>(1, 4096 / length), [=](int64_t from, int64_t to) {
      std::vector<int32_t> all(static_cast<size_t>(k > 32 ? length : 0));
      for (int64_t row = from; row < to; row++) {
        const T *v = x + row * length;
        const auto before = [=](int32_t a, int32_t b) {
          if (v[a] > v[b] || (v[b] != v[b] && v[a] == v[a])) return true;
          return (v[a] == v[b] || (v[a] != v[a] && v[b] != v[b])) && a < b;
        };
        int32_t *best = places + row * k;
        if (k > 32) {
          for (int32_t i = 0; i < length; i++) all[static_cast<size_t>(i)] = i;
          std::partial_sort(all.begin(), all.begin() + k, all.end(), before);
          std::copy(all.begin(), all.begin() + k, best);
        } else {
          // the best so far in order; a later one that is no better than the last of them is left out
          int64_t kept = 0;
          for (int32_t i = 0; i < length; i++) {
            if (kept == k && !before(i, best[k - 1])) continue;
            int64_t at = kept < k ? kept++ : k - 1;
            for (; at > 0 && before(i, best[at - 1]); at--) best[at] = best[at - 1];
            best[at] = i;
          }
        }
        for (int64_t i = 0; i < k; i++) values[row * k + i] = v[best[i]];
      }
    });
  };
}

const Registration kTopK("topK", topK<float>), kTopKInt("topKInt", topK<int32_t>);

}  // namespace

}  // namespace atelier
