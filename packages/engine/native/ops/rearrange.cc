// Copies between layouts: transposition, slices, concatenation, padding, repetition are all strides.
#include <algorithm>
#include <memory>

#include "../elements.h"

namespace atelier {

namespace {

constexpr int64_t kTile = 16;
constexpr int64_t kChunk = 16384;

struct Dim {
  int64_t size, in, out;
};

// Reads numbers: sizes, offset and strides of the input, offset and strides of the output, in elements. Checks that
// neither side leaves [0, count).
struct Layout {
  std::vector<Dim> dims;
  int64_t inOffset, outOffset;
  size_t inCount, outCount;
  bool empty;

  explicit Layout(Call &call) {
    const auto sizes = call.sizes();
    inOffset = call.size();
    const auto in = call.integers();
    outOffset = call.size();
    const auto out = call.integers();
    call.expect(in.size() == sizes.size() && out.size() == sizes.size(), "a stride for each dimension expected");
    empty = product(sizes) == 0;
    inCount = empty ? 0 : reach(call, sizes, in, inOffset);
    outCount = empty ? 0 : reach(call, sizes, out, outOffset);
    for (size_t d = 0; d < sizes.size() && !empty; d++) {
      if (sizes[d] == 1) continue;
      call.expect(out[d] != 0, "places written once expected");
      if (!dims.empty() && dims.back().in == in[d] * sizes[d] && dims.back().out == out[d] * sizes[d]) {
        dims.back() = {dims.back().size * sizes[d], in[d], out[d]};
      } else {
        dims.push_back({sizes[d], in[d], out[d]});
      }
    }
  }

  // One more than the highest place. Doubles: exact where it matters, no overflow.
  static size_t reach(const Call &call, const std::vector<int64_t> &sizes, const std::vector<int64_t> &strides,
                      int64_t offset) {
    double least = static_cast<double>(offset), most = least;
    for (size_t d = 0; d < sizes.size(); d++) {
      const double span = static_cast<double>(sizes[d] - 1) * static_cast<double>(strides[d]);
      (span < 0 ? least : most) += span;
    }
    call.expect(least >= 0 && most < 70368744177664.0, "strides that stay within the tensor expected");
    return static_cast<size_t>(most) + 1;
  }
};

// All dimensions but two: rows, along which the input is contiguous where the columns are not, and columns.
template <typename T>
struct Copy {
  std::vector<Dim> outer;
  Dim row{1, 0, 0}, column{1, 1, 1};
  const T *x;
  T *y;

  Copy(const Layout &layout, const T *from, T *to) : x(from + layout.inOffset), y(to + layout.outOffset) {
    outer = layout.dims;
    if (!outer.empty()) {
      column = outer.back();
      outer.pop_back();
    }
    size_t chosen = outer.size();
    for (size_t d = 0; d < outer.size(); d++)
      if (column.in != 1 && std::abs(outer[d].in) == 1) chosen = d;
    if (chosen == outer.size() && !outer.empty()) chosen--;
    if (chosen == outer.size()) return;
    row = outer[chosen];
    outer.erase(outer.begin() + static_cast<std::ptrdiff_t>(chosen));
  }

  void run() const {
    const int64_t tiles = (row.size + kTile - 1) / kTile, chunks = (column.size + kChunk - 1) / kChunk;
    int64_t planes = 1;
    for (const Dim &dim : outer) planes *= dim.size;
    const int64_t work = std::min(row.size, kTile) * std::min(column.size, kChunk);
    parallel(planes * tiles * chunks, std::max<int64_t>(1, kChunk / work), [&](int64_t from, int64_t to) {
      for (int64_t task = from; task < to; task++) {
        const int64_t chunk = task % chunks, tile = task / chunks % tiles;
        int64_t plane = task / chunks / tiles, in = 0, out = 0;
        for (size_t d = outer.size(); d-- > 0;) {
          const int64_t place = plane % outer[d].size;
          plane /= outer[d].size;
          in += place * outer[d].in;
          out += place * outer[d].out;
        }
        const int64_t r = tile * kTile, c = chunk * kChunk;
        piece(x + in + r * row.in + c * column.in, y + out + r * row.out + c * column.out,
              std::min(kTile, row.size - r), std::min(kChunk, column.size - c));
      }
    });
  }

  void piece(const T *from, T *to, int64_t rows, int64_t columns) const {
    if (column.in == 1 && column.out == 1) {
      for (int64_t r = 0; r < rows; r++)
        std::memcpy(to + r * row.out, from + r * row.in, static_cast<size_t>(columns) * sizeof(T));
      return;
    }
    if (column.in == 0 && column.out == 1) {
      for (int64_t r = 0; r < rows; r++) std::fill(to + r * row.out, to + r * row.out + columns, from[r * row.in]);
      return;
    }
    for (int64_t start = 0; start < columns; start += kTile) {
      const int64_t end = std::min(columns, start + kTile);
      for (int64_t r = 0; r < rows; r++)
        for (int64_t c = start; c < end; c++) to[r * row.out + c * column.out] = from[r * row.in + c * column.in];
    }
  }
};

template <typename T>
Work rearranged(Call &call, const Layout &layout) {
  // pieces are copied in any order: what one writes another could still have to read
  call.expect(!call.hasInput(0) || !call.hasOutput(0) || call.in()[0] != call.out()[0],
              "the result must not be its own input");
  const Copy<T> copy(layout, call.input<T>(0, layout.inCount), call.output<T>(0, layout.outCount));
  if (layout.empty) return [] {};
  return [copy] { copy.run(); };
}

// in: x; out: y. Numbers: bytes per element (1 or 4), then the layout.
Work rearrange(Call &call) {
  const int64_t width = call.integer();
  call.expect(width == 1 || width == 4, "elements of 1 or 4 bytes expected");
  const Layout layout(call);
  return width == 1 ? rearranged<uint8_t>(call, layout) : rearranged<uint32_t>(call, layout);
}

// One operation by several names, so that a profile says what took the time.
const Registration kRegistrations[] = {
    {"transpose", rearrange}, {"slice", rearrange}, {"pad", rearrange},
    {"mirrorPad", rearrange}, {"tile", rearrange},  {"reverse", rearrange},
};

}  // namespace

// in: parts [outer, inner_i]; out: y [outer, sum of inner_i]. Numbers: bytes per element, outer, then the list of inner_i.
ATELIER_OP(concat) {
  const int64_t width = call.integer();
  call.expect(width == 1 || width == 4, "elements of 1 or 4 bytes expected");
  const int64_t outer = call.size();
  const auto inner = call.integers(1000000);
  call.expect(inner.size() == call.inputs(), "a size for each part expected");
  struct Part {
    const uint8_t *from;
    size_t bytes;
  };
  auto parts = std::make_shared<std::vector<Part>>();
  size_t row = 0;
  for (size_t i = 0; i < inner.size(); i++) {
    const size_t count = product({outer, inner[i]}), bytes = static_cast<size_t>(inner[i] * width);
    if (width == 1) parts->push_back({call.input<uint8_t>(i, count), bytes});
    else parts->push_back({reinterpret_cast<const uint8_t *>(call.input<uint32_t>(i, count)), bytes});
    call.expect(!call.hasOutput(0) || call.in()[i] != call.out()[0], "the result must not be its own input");
    row += bytes;
  }
  const size_t total = product({outer, static_cast<int64_t>(row)});
  auto *y = width == 1 ? call.output<uint8_t>(0, total)
                       : reinterpret_cast<uint8_t *>(call.output<uint32_t>(0, total / sizeof(uint32_t)));
  return [=] {
    if (total == 0) return;
    parallel(outer, std::max<int64_t>(1, 65536 / static_cast<int64_t>(row)), [=](int64_t from, int64_t to) {
      uint8_t *into = y + static_cast<size_t>(from) * row;
      for (auto at = static_cast<size_t>(from); at < static_cast<size_t>(to); at++)
        for (const Part &part : *parts) {
          const uint8_t *source = part.from + at * part.bytes;
          // short and whole vectors: cheaper than a call
          if (part.bytes <= 512 && part.bytes % 16 == 0)
            for (size_t b = 0; b < part.bytes; b += 16) std::memcpy(into + b, source + b, 16);
          else std::memcpy(into, source, part.bytes);
          into += part.bytes;
        }
    });
  };
}

}  // namespace atelier
