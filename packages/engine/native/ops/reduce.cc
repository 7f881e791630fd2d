// Reductions over any dimensions: sums, products, extremes, logic.
#ifdef __AVX512F__
#include <immintrin.h>
#endif

#include <limits>
#include <memory>

#include "../elements.h"

namespace atelier {

namespace {

// Columns that are reduced at a time: their accumulators stay in the first cache.
constexpr int64_t kColumns = 1024;
constexpr int64_t kLanes = 16;

// [outer, reduced, inner] -> [outer, inner]
struct Pass {
  int64_t outer, reduced, inner;

  int64_t chunks() const { return inner == 1 ? 1 : (inner + kColumns - 1) / kColumns; }
  // Long reductions with few results are cut, by the shape alone: the same bits on any number of threads.
  int64_t pieces() const {
    if (outer * chunks() >= 32) return 1;
    return std::clamp<int64_t>(reduced * inner / 16384, 1, std::min<int64_t>(64, reduced));
  }
  size_t partials() const { return pieces() == 1 ? 0 : static_cast<size_t>(outer * pieces() * inner); }
};

typedef double Doubles __attribute__((vector_size(64)));
typedef float Floats __attribute__((vector_size(32)));

inline Doubles widened(const float *from) {
#ifdef __AVX512F__
  // one instruction, where GCC makes two halves of it and puts them together
  return reinterpret_cast<Doubles>(_mm512_cvtps_pd(_mm256_loadu_ps(from)));
#else
  Floats v;
  std::memcpy(&v, from, sizeof v);
  return __builtin_convertvector(v, Doubles);
#endif
}

// The sum of values [from, to).
double sumOf(const float *x, int64_t from, int64_t to) {
  Doubles a{}, b{}, c{}, d{};
  int64_t i = from;
  for (; i + 32 <= to; i += 32) {
    a += widened(x + i);
    b += widened(x + i + 8);
    c += widened(x + i + 16);
    d += widened(x + i + 24);
  }
  for (; i + 8 <= to; i += 8) a += widened(x + i);
  const Doubles sum = (a + b) + (c + d);
  double all = ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
  for (; i < to; i++) all += static_cast<double>(x[i]);
  return all;
}

// Sums of some columns stay in registers while the rows go by.
void sumColumns(const float *x, int64_t stride, int64_t from, int64_t to, int64_t columns, double *into) {
  constexpr int64_t kStrip = 32;
  int64_t c = 0;
  // wide rows are read whole: their strips lie on many pages
  for (; stride <= 1024 && c + kStrip <= columns; c += kStrip) {
    Doubles sums[kStrip / 8] = {};
    for (int64_t row = from; row < to; row++)
      for (int64_t s = 0; s < kStrip / 8; s++) sums[s] += widened(x + row * stride + c + s * 8);
    std::memcpy(into + c, sums, sizeof sums);
  }
  for (; stride <= 1024 && c + 8 <= columns; c += 8) {
    Doubles sum{};
    for (int64_t row = from; row < to; row++) sum += widened(x + row * stride + c);
    std::memcpy(into + c, &sum, sizeof sum);
  }
  std::fill(into + c, into + columns, 0.0);
  int64_t row = from;
  for (; row + 4 <= to; row += 4) {
    const float *a = x + row * stride, *b = a + stride, *d = b + stride, *e = d + stride;
#pragma omp simd
    for (int64_t i = c; i < columns; i++)
      into[i] += (static_cast<double>(a[i]) + static_cast<double>(b[i])) +
                 (static_cast<double>(d[i]) + static_cast<double>(e[i]));
  }
  for (; row < to; row++)
    for (int64_t i = c; i < columns; i++) into[i] += static_cast<double>(x[row * stride + i]);
}

struct Sum;

// Rows [from, to) of some columns into `into`.
template <typename F, typename In>
void accumulate(const In *x, int64_t stride, int64_t from, int64_t to, int64_t columns, typename F::Value *into) {
  using A = typename F::Value;
  if constexpr (std::is_same_v<In, float> && std::is_base_of_v<Sum, F>) {
    if (stride == 1) *into = sumOf(x, from, to);
    else sumColumns(x, stride, from, to, columns, into);
    return;
  }
  if (stride == 1) {
    A lanes[kLanes];
    std::fill(lanes, lanes + kLanes, F::start());
    int64_t i = from;
    for (; i + kLanes <= to; i += kLanes) {
#pragma omp simd
      for (int64_t l = 0; l < kLanes; l++) lanes[l] = F::next(lanes[l], static_cast<A>(x[i + l]));
    }
    for (int64_t l = 0; i < to; i++, l++) lanes[l] = F::next(lanes[l], static_cast<A>(x[i]));
    A all = F::start();
    for (A lane : lanes) all = F::next(all, lane);
    *into = all;
    return;
  }
  std::fill(into, into + columns, F::start());
  for (int64_t row = from; row < to; row++) {
    const In *values = x + row * stride;
#pragma omp simd
    for (int64_t c = 0; c < columns; c++) into[c] = F::next(into[c], static_cast<A>(values[c]));
  }
}

template <typename F, typename In, typename Write>
void reduce(const Pass &pass, const In *x, typename F::Value *partial, const Write &write) {
  using A = typename F::Value;
  const int64_t pieces = pass.pieces(), chunks = pass.chunks(), columns = pass.inner == 1 ? 1 : kColumns;
  const int64_t work = std::max<int64_t>(1, pass.reduced / pieces * std::min(columns, pass.inner));
  parallel(pass.outer * pieces * chunks, std::max<int64_t>(1, 16384 / work), [&](int64_t from, int64_t to) {
    A into[kColumns];
    for (int64_t task = from; task < to; task++) {
      const int64_t chunk = task % chunks, piece = task / chunks % pieces, outer = task / chunks / pieces;
      const int64_t column = chunk * columns, width = std::min(columns, pass.inner - column);
      accumulate<F>(x + outer * pass.reduced * pass.inner + column, pass.inner, pass.reduced * piece / pieces,
                    pass.reduced * (piece + 1) / pieces, width, into);
      if (pieces == 1) {
        for (int64_t c = 0; c < width; c++) write(outer * pass.inner + column + c, into[c]);
      } else {
        std::copy(into, into + width, partial + (outer * pieces + piece) * pass.inner + column);
      }
    }
  });
  if (pieces == 1) return;
  for (int64_t outer = 0; outer < pass.outer; outer++)
    for (int64_t c = 0; c < pass.inner; c++) {
      A all = F::start();
      for (int64_t piece = 0; piece < pieces; piece++) all = F::next(all, partial[(outer * pieces + piece) * pass.inner + c]);
      write(outer * pass.inner + c, all);
    }
}

struct Plan {
  std::vector<Pass> passes;
  size_t count, results;
  double reduced;

  // Numbers: shape, then for each dimension whether it is reduced.
  explicit Plan(Call &call) {
    const auto shape = call.sizes();
    const auto flags = call.integers();
    call.expect(shape.size() == flags.size(), "a flag for each dimension expected");
    count = product(shape);
    std::vector<std::pair<int64_t, bool>> parts;
    for (size_t d = 0; d < shape.size(); d++) {
      if (shape[d] == 1) continue;
      if (!parts.empty() && parts.back().second == (flags[d] != 0)) parts.back().first *= shape[d];
      else parts.emplace_back(shape[d], flags[d] != 0);
    }
    results = 1;
    for (const auto &[size, gone] : parts)
      if (!gone) results *= static_cast<size_t>(size);
    // from the innermost outwards
    int64_t inner = 1;
    for (size_t p = parts.size(); p-- > 0;) {
      if (!parts[p].second) {
        inner *= parts[p].first;
        continue;
      }
      int64_t outer = 1;
      for (size_t before = 0; before < p; before++) outer *= parts[before].first;
      passes.push_back({outer, parts[p].first, inner});
    }
    if (passes.empty()) passes.push_back({static_cast<int64_t>(results), 1, 1});
    reduced = results == 0 ? 0 : static_cast<double>(count) / static_cast<double>(results);
  }
};

// in: x; out: y. Numbers: see Plan.
template <typename F, typename In, typename Out>
Work reduction(Call &call) {
  using A = typename F::Value;
  const Plan plan(call);
  const auto *x = call.input<In>(0, plan.count);
  auto *y = call.output<Out>(0, plan.results);
  if (plan.results == 0) return [] {};
  if (plan.count == 0) {
    const Out nothing = F::template finish<Out>(F::start(), 1);
    return [=] { std::fill(y, y + plan.results, nothing); };
  }
  struct Memory {
    std::vector<A> partial, between[2];
  };
  auto memory = std::make_shared<Memory>();
  for (size_t p = 0; p < plan.passes.size(); p++) {
    const Pass &pass = plan.passes[p];
    memory->partial.resize(std::max(memory->partial.size(), pass.partials()));
    if (p + 1 < plan.passes.size()) {
      auto &next = memory->between[p % 2];
      next.resize(std::max(next.size(), static_cast<size_t>(pass.outer * pass.inner)));
    }
  }
  return [=] {
    A *partial = memory->partial.data();
    const double reduced = plan.reduced;
    const auto last = [=](int64_t at, A value) { y[at] = F::template finish<Out>(value, reduced); };
    for (size_t p = 0; p < plan.passes.size(); p++) {
      const bool ends = p + 1 == plan.passes.size();
      const A *from = p == 0 ? nullptr : memory->between[(p - 1) % 2].data();
      A *to = ends ? nullptr : memory->between[p % 2].data();
      const auto keep = [=](int64_t at, A value) { to[at] = value; };
      if (p == 0 && ends) reduce<F>(plan.passes[p], x, partial, last);
      else if (p == 0) reduce<F>(plan.passes[p], x, partial, keep);
      else if (ends) reduce<F>(plan.passes[p], from, partial, last);
      else reduce<F>(plan.passes[p], from, partial, keep);
    }
  };
}

template <typename Out, typename A>
Out stored(A value) {
  if constexpr (std::is_same_v<Out, int32_t> && !std::is_same_v<A, int32_t>) return toInt32(value);
  else return static_cast<Out>(value);
}

template <typename A>
struct Plain {
  using Value = A;
  template <typename Out>
  static Out finish(A value, double) {
    return stored<Out>(value);
  }
};

struct Sum : Plain<double> {
  static double start() { return 0; }
  static double next(double a, double b) { return a + b; }
};

struct Mean : Sum {
  template <typename Out>
  static Out finish(double value, double reduced) {
    return stored<Out>(value / reduced);
  }
};

struct Prod : Plain<double> {
  static double start() { return 1; }
  static double next(double a, double b) { return a * b; }
};

// The first NaN wins, as in the cpu backend.
template <typename T>
struct Max : Plain<T> {
  using Limits = std::numeric_limits<T>;
  static T start() { return Limits::has_infinity ? -Limits::infinity() : Limits::lowest(); }
  static T next(T a, T b) { return b > a || b != b ? b : a; }
};

template <typename T>
struct Min : Plain<T> {
  using Limits = std::numeric_limits<T>;
  static T start() { return Limits::has_infinity ? Limits::infinity() : Limits::max(); }
  static T next(T a, T b) { return b < a || b != b ? b : a; }
};

struct All : Plain<uint8_t> {
  static uint8_t start() { return 1; }
  static uint8_t next(uint8_t a, uint8_t b) { return a != 0 && b != 0; }
};

struct Any : Plain<uint8_t> {
  static uint8_t start() { return 0; }
  static uint8_t next(uint8_t a, uint8_t b) { return a != 0 || b != 0; }
};

const Registration kRegistrations[] = {
    {"sum", reduction<Sum, float, float>},
    {"sumInt", reduction<Sum, int32_t, int32_t>},
    {"mean", reduction<Mean, float, float>},
    {"meanInt", reduction<Mean, int32_t, float>},
    {"meanBool", reduction<Mean, uint8_t, float>},
    {"prod", reduction<Prod, float, float>},
    {"prodInt", reduction<Prod, int32_t, int32_t>},
    {"max", reduction<Max<float>, float, float>},
    {"maxInt", reduction<Max<int32_t>, int32_t, int32_t>},
    {"min", reduction<Min<float>, float, float>},
    {"minInt", reduction<Min<int32_t>, int32_t, int32_t>},
    {"all", reduction<All, uint8_t, uint8_t>},
    {"any", reduction<Any, uint8_t, uint8_t>},
};

}  // namespace

}  // namespace atelier
