// Elementwise work on tensors of different shapes: dimensions of one, or missing in front, are repeated.
#pragma once
#include <algorithm>
#include <vector>

#include "op.h"

namespace atelier {

// The result's shape after dimensions that behave alike were joined, and by how many elements each of N operands moves
// along each. The innermost moves by 1 or 0.
template <size_t N>
struct Broadcast {
  std::vector<int64_t> sizes;
  std::vector<int64_t> strides[N];
  size_t count = 1;
  size_t counts[N];

  Broadcast(const Call &call, const std::vector<int64_t> (&shapes)[N]) {
    size_t rank = 0;
    for (const auto &shape : shapes) rank = std::max(rank, shape.size());
    std::vector<int64_t> out(rank, 1);
    for (size_t k = 0; k < N; k++) {
      counts[k] = product(shapes[k]);
      for (size_t d = 0; d < shapes[k].size(); d++) {
        int64_t &size = out[rank - shapes[k].size() + d];
        const int64_t own = shapes[k][d];
        if (size == 1) size = own;
        else call.expect(own == 1 || own == size, "shapes that go together expected");
      }
    }
    count = product(out);
    join(shapes, out);
  }

  // Calls body(at, length, offsets of the operands) for stretches along the innermost dimension, in pieces for threads.
  template <typename Body>
  void each(int64_t grain, const Body &body) const {
    if (count == 0) return;
    const int64_t inner = sizes.back();
    const int64_t rows = static_cast<int64_t>(count) / inner;
    if (rows == 1) {
      parallel(inner, grain, [&](int64_t from, int64_t to) {
        int64_t offsets[N];
        for (size_t k = 0; k < N; k++) offsets[k] = from * strides[k].back();
        body(from, to - from, offsets);
      });
      return;
    }
    parallel(rows, std::max<int64_t>(1, grain / inner), [&](int64_t from, int64_t to) {
      const size_t outer = sizes.size() - 1;
      std::vector<int64_t> place(outer);
      int64_t offsets[N] = {};
      int64_t rest = from;
      for (size_t d = outer; d-- > 0;) {
        place[d] = rest % sizes[d];
        rest /= sizes[d];
        for (size_t k = 0; k < N; k++) offsets[k] += place[d] * strides[k][d];
      }
      for (int64_t row = from; row < to; row++) {
        body(row * inner, inner, offsets);
        for (size_t d = outer; d-- > 0;) {
          for (size_t k = 0; k < N; k++) offsets[k] += strides[k][d];
          if (++place[d] < sizes[d]) break;
          for (size_t k = 0; k < N; k++) offsets[k] -= strides[k][d] * sizes[d];
          place[d] = 0;
        }
      }
    });
  }

 private:
  void join(const std::vector<int64_t> (&shapes)[N], const std::vector<int64_t> &out) {
    // bit k: operand k moves along the dimension
    int64_t before = -1;
    for (size_t d = 0; d < out.size(); d++) {
      if (out[d] == 1) continue;
      int64_t moves = 0;
      for (size_t k = 0; k < N; k++) {
        const size_t missing = out.size() - shapes[k].size();
        if (d >= missing && shapes[k][d - missing] != 1) moves |= int64_t{1} << k;
      }
      if (moves == before) {
        sizes.back() *= out[d];
      } else {
        sizes.push_back(out[d]);
        moving_.push_back(moves);
        before = moves;
      }
    }
    if (sizes.empty()) {
      sizes.push_back(1);
      moving_.push_back((int64_t{1} << N) - 1);
    }
    for (size_t k = 0; k < N; k++) {
      strides[k].assign(sizes.size(), 0);
      int64_t stride = 1;
      for (size_t d = sizes.size(); d-- > 0;) {
        if (!(moving_[d] >> k & 1)) continue;
        strides[k][d] = stride;
        stride *= sizes[d];
      }
    }
  }

  std::vector<int64_t> moving_;
};

}  // namespace atelier
