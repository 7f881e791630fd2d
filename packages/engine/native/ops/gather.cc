// Rows by number: gather, its gradient's sum, one-hot.
#include <algorithm>
#include <memory>

#include "../elements.h"

namespace atelier {

// in: x [batch, outer, size, slice], indices int32 [batch, places]; out: y [batch, outer, places, slice].
// Numbers: bytes per element, batch, outer, size, slice, places. An index out of range is an error when the work is done.
ATELIER_OP(gather) {
  const int64_t width = call.integer();
  call.expect(width == 1 || width == 4, "elements of 1 or 4 bytes expected");
  const int64_t batch = call.size(), outer = call.size(), size = call.size(), slice = call.size(), places = call.size();
  const size_t bytes = static_cast<size_t>(width);
  const auto *x = call.input<uint8_t>(0, product({batch, outer, size, slice, width}));
  const auto *indices = call.input<int32_t>(1, product({batch, places}));
  const size_t count = product({batch, outer, places, slice, width});
  auto *y = call.output<uint8_t>(0, count);
  return [=] {
    for (int64_t i = 0; i < batch * places; i++) {
      if (indices[i] >= 0 && indices[i] < size) continue;
      throw OpError("GatherV2: the index value " + std::to_string(indices[i]) + " is not in [0, " +
                    std::to_string(size - 1) + "]");
    }
    if (count == 0) return;
    const size_t row = static_cast<size_t>(slice) * bytes;
    parallel(batch * outer * places, std::max<int64_t>(1, 8192 / slice), [=](int64_t from, int64_t to) {
      for (int64_t at = from; at < to; at++) {
        const int64_t place = at % places, image = at / places;
        const int64_t index = indices[image / outer * places + place];
        const uint8_t *source = x + static_cast<size_t>(image * size + index) * row;
        uint8_t *target = y + static_cast<size_t>(at) * row;
        if (row == 4) std::memcpy(target, source, 4);
        else std::memcpy(target, source, row);
      }
    });
  };
}

// in: x [rows, slice], segments int32 [rows]; out: y [count, slice], the sum of each segment's rows. Rows of segments out
// of range are left out. Numbers: rows, slice, count.
ATELIER_OP(segmentSum) {
  const int64_t rows = call.size(), slice = call.size(), count = call.size();
  const auto *x = call.input<float>(0, product({rows, slice}));
  const auto *segments = call.input<int32_t>(1, static_cast<size_t>(rows));
  auto *y = call.output<float>(0, product({count, slice}));
  return [=] {
    // by columns: each sum is one thread's, in the order of the rows
    parallel(slice, std::max<int64_t>(16, 8192 / std::max<int64_t>(1, rows)), [=](int64_t from, int64_t to) {
      for (int64_t segment = 0; segment < count; segment++) std::fill(y + segment * slice + from, y + segment * slice + to, 0.f);
      for (int64_t row = 0; row < rows; row++) {
        const int64_t segment = segments[row];
        if (segment < 0 || segment >= count) continue;
        const float *values = x + row * slice;
        float *sums = y + segment * slice;
        for (int64_t c = from; c < to; c++) sums[c] += values[c];
      }
    });
  };
}

// in: indices int32 [count]; out: y [count, depth]. Numbers: type of y, count, depth, value on, value off.
ATELIER_OP(oneHot) {
  return withElement(elementOf(call), [&](auto sample) -> Work {
    using T = decltype(sample);
    const int64_t count = call.size(), depth = call.size();
    const double on = call.number(), off = call.number();
    const auto *indices = call.input<int32_t>(0, static_cast<size_t>(count));
    auto *y = call.output<T>(0, product({count, depth}));
    T hot, cold;
    if constexpr (std::is_same_v<T, float>) {
      hot = static_cast<T>(on);
      cold = static_cast<T>(off);
    } else {
      hot = static_cast<T>(toInt32(on));
      cold = static_cast<T>(toInt32(off));
    }
    return [=] {
      parallel(count, std::max<int64_t>(1, 8192 / std::max<int64_t>(1, depth)), [=](int64_t from, int64_t to) {
        std::fill(y + from * depth, y + to * depth, cold);
        for (int64_t i = from; i < to; i++)
          if (indices[i] >= 0 && indices[i] < depth) y[i * depth + indices[i]] = hot;
      });
    };
  });
}

// in: x [rows, slice], indices int32 [places, depth]; out: y [places, slice]: the row at indices in a tensor of `sizes`.
// Numbers: bytes per element, places, slice, then the list of sizes. An index out of range is an error at work.
ATELIER_OP(gatherNd) {
  const int64_t width = call.integer();
  call.expect(width == 1 || width == 4, "elements of 1 or 4 bytes expected");
  const int64_t places = call.size(), slice = call.size();
  const auto sizes = std::make_shared<std::vector<int64_t>>(call.sizes());
  const auto depth = static_cast<int64_t>(sizes->size());
  const size_t row = static_cast<size_t>(slice * width);
  const auto *x = call.input<uint8_t>(0, product({static_cast<int64_t>(product(*sizes)), slice, width}));
  const auto *indices = call.input<int32_t>(1, product({places, depth}));
  auto *y = call.output<uint8_t>(0, product({places, slice, width}));
  return [=] {
    for (int64_t place = 0; place < places; place++) {
      int64_t at = 0;
      for (int64_t d = 0; d < depth; d++) {
        const int64_t index = indices[place * depth + d], size = (*sizes)[static_cast<size_t>(d)];
        if (index < 0 || index >= size)
          throw OpError("Invalid indices: " + std::to_string(index) + " is not in [0, " + std::to_string(size) + ")");
        at = at * size + index;
      }
      if (row > 0) std::memcpy(y + static_cast<size_t>(place) * row, x + static_cast<size_t>(at) * row, row);
    }
  };
}

}  // namespace atelier
