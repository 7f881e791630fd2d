// Convolutions and their gradients, dense and depthwise: oneDNN's primitives on channels-last data.
#include <algorithm>

#include "../dnnl-work.h"
#include "../precision.h"
#include "winograd.h"

namespace atelier {

namespace {

// Images [n, height, width, channels], filter [rows, columns, channels, outputs] (depthwise: [rows, columns, channels,
// multiplier]), result [n, outHeight, outWidth, outputs].
struct Shape {
  int64_t n, height, width, channels, rows, columns, outputs, outHeight, outWidth;
  bool depthwise, dense3x3;
  Window window;

  explicit Shape(Call &call) {
    n = call.size();
    height = call.size();
    width = call.size();
    channels = call.size();
    rows = call.size();
    columns = call.size();
    outputs = call.size();
    outHeight = call.size();
    outWidth = call.size();
    const int64_t strideRows = call.size(), strideColumns = call.size();
    const int64_t dilationRows = call.size(), dilationColumns = call.size();
    const int64_t top = call.integer(), bottom = call.integer(), left = call.integer(), right = call.integer();
    depthwise = call.flag();
    const auto most = int64_t{1} << 30;
    for (int64_t number : {height, width, outHeight, outWidth, rows, columns, strideRows, strideColumns, dilationRows,
                           dilationColumns, std::abs(top), std::abs(bottom), std::abs(left), std::abs(right)})
      call.expect(number < most, "smaller images, windows, strides, dilations and padding expected");
    call.expect(strideRows > 0 && strideColumns > 0, "strides of 1 or more expected");
    call.expect(dilationRows > 0 && dilationColumns > 0, "dilations of 1 or more expected");
    call.expect(!depthwise || (channels > 0 && outputs % channels == 0), "outputs should be a multiple of channels");
    window = {{strideRows, strideColumns}, {dilationRows - 1, dilationColumns - 1}, {top, left}, {bottom, right}};
    dense3x3 = !depthwise && rows == 3 && columns == 3 && strideRows == 1 && strideColumns == 1 && dilationRows == 1 &&
               dilationColumns == 1 && outHeight == height + top + bottom - 2 && outWidth == width + left + right - 2;
    product({n, height, width, channels});
    product({n, outHeight, outWidth, outputs});
    product({rows, columns, channels, outputs});
  }

  WinogradShape winograd() const {
    return {n, height, width, channels, outputs, outHeight, outWidth, window.padBefore[0], window.padBefore[1]};
  }
  bool isWinograd() const { return dense3x3 && winograd().fits(); }
  size_t imageCount() const { return static_cast<size_t>(n * height * width * channels); }
  size_t resultCount() const { return static_cast<size_t>(n * outHeight * outWidth * outputs); }
  size_t filterCount() const {
    return static_cast<size_t>(rows * columns * (depthwise ? outputs : channels * outputs));
  }
  bool isEmpty() const { return imageCount() == 0 || filterCount() == 0 || resultCount() == 0; }
  Desc image(Type type) const { return Desc({n, channels, height, width}, type, Tag::nhwc); }
  Desc result(Type type) const { return Desc({n, outputs, outHeight, outWidth}, type, Tag::nhwc); }
  Desc bias() const { return Desc({outputs}, Type::f32, Tag::a); }
  Desc filter(Tag tag, Type type) const {
    if (depthwise) return Desc({channels, outputs / channels, 1, rows, columns}, type, tag);
    return Desc({outputs, channels, rows, columns}, type, tag);
  }
  Desc plainFilter() const { return filter(depthwise ? Tag::hwigo : Tag::hwio, Type::f32); }
  Desc anyFilter(Type type) const { return filter(Tag::any, type); }

  auto forward(Type type, bool bias, bool relu) const {
    const Desc biasDesc = this->bias();
    return convolutionForward(image(type), anyFilter(type), bias ? &biasDesc : nullptr, result(type), window, relu);
  }
  auto inputGradient(Type type) const {
    return convolutionBackwardData(image(type), anyFilter(type), result(type), window);
  }
  auto filterGradient(Type type) const {
    return convolutionBackwardWeights(image(type), anyFilter(Type::f32), result(type), window);
  }
};

// What computes a convolution, and what its images and results lie in.
enum class Route { fp32, rounded, halfWinograd, halfDnnl };

// `make` describes oneDNN's primitive for bf16.
template <typename Make>
Route routeOf(const Shape &shape, const Make &make) {
  if (!isBf16()) return Route::fp32;
  if (products() == Products::bf16Native && !shape.isEmpty() && hasKernel(make)) return Route::halfDnnl;
  return shape.isWinograd() ? Route::halfWinograd : Route::rounded;
}

template <typename T>
Work forward(const Shape &shape, Route route, bool relu, const T *x, const float *filter, const float *bias, T *y) {
  if (shape.resultCount() == 0) return [] {};
  if (shape.isWinograd() && route != Route::halfDnnl) {
    const WinogradShape fast = shape.winograd();
    return [=] { winogradForward(fast, x, filter, bias, relu, y); };
  }
  if (shape.isEmpty()) {
    return [=] {
      for (size_t i = 0; i < shape.resultCount(); i++) {
        const float value = bias ? bias[i % static_cast<size_t>(shape.outputs)] : 0.f;
        y[i] = relu && value < 0.f ? 0.f : value;
      }
    };
  }
  const auto desc = shape.forward(typeOf<T>(), bias != nullptr, relu);
  DnnlWork work;
  std::unordered_map<int, dnnl::memory> arguments{
      {DNNL_ARG_SRC, DnnlWork::wrap(shape.image(typeOf<T>()), x)},
      {DNNL_ARG_WEIGHTS, work.toLayout(DnnlWork::wrap(shape.plainFilter(), filter), desc.weights_desc())},
      {DNNL_ARG_DST, DnnlWork::wrap(shape.result(typeOf<T>()), y)}};
  if (bias) arguments.emplace(DNNL_ARG_BIAS, DnnlWork::wrap(shape.bias(), bias));
  work.add(desc, dnnl::convolution_forward(desc), std::move(arguments));
  return std::move(work).work();
}

template <typename T>
Work inputGradient(const Shape &shape, Route route, const T *dy, const float *filter, T *dx) {
  if (shape.imageCount() == 0) return [] {};
  if (shape.isWinograd() && route != Route::halfDnnl) {
    const WinogradShape fast = shape.winograd();
    return [=] { winogradInputGradient(fast, dy, filter, dx); };
  }
  if (shape.isEmpty()) return [=] { std::fill(dx, dx + shape.imageCount(), T(0.f)); };
  const auto desc = shape.inputGradient(typeOf<T>());
  DnnlWork work;
  const auto weights = work.toLayout(DnnlWork::wrap(shape.plainFilter(), filter), desc.weights_desc());
  work.add(desc, dnnl::convolution_backward_data(desc),
           {{DNNL_ARG_DIFF_DST, DnnlWork::wrap(shape.result(typeOf<T>()), dy)},
            {DNNL_ARG_WEIGHTS, weights},
            {DNNL_ARG_DIFF_SRC, DnnlWork::wrap(shape.image(typeOf<T>()), dx)}});
  return std::move(work).work();
}

template <typename T>
Work filterGradient(const Shape &shape, Route route, const T *x, const T *dy, float *dw) {
  if (shape.filterCount() == 0) return [] {};
  if (shape.isWinograd() && route != Route::halfDnnl) {
    const WinogradShape fast = shape.winograd();
    return [=] { winogradFilterGradient(fast, x, dy, dw); };
  }
  if (shape.isEmpty()) return [=] { std::fill(dw, dw + shape.filterCount(), 0.f); };
  const auto desc = shape.filterGradient(typeOf<T>());
  DnnlWork work;
  const auto result = work.fromLayout(DnnlWork::wrap(shape.plainFilter(), dw), desc.diff_weights_desc());
  work.add(desc, dnnl::convolution_backward_weights(desc),
           {{DNNL_ARG_SRC, DnnlWork::wrap(shape.image(typeOf<T>()), x)},
            {DNNL_ARG_DIFF_DST, DnnlWork::wrap(shape.result(typeOf<T>()), dy)},
            {DNNL_ARG_DIFF_WEIGHTS, result}});
  work.finish();
  return std::move(work).work();
}

// A product's operand: as it is, or as bf16 holds it.
const float *floats(Call &call, Route route, size_t at, size_t count) {
  return route == Route::rounded ? call.roundedInput(at, count) : call.input<float>(at, count);
}

bool isHalf(Route route) { return route == Route::halfWinograd || route == Route::halfDnnl; }

}  // namespace

// in: images, filter, bias?; out: result. Numbers: the shape, then whether ReLU follows.
ATELIER_OP(conv2d) {
  const Shape shape(call);
  const bool relu = call.flag();
  const size_t images = shape.imageCount(), weights = shape.filterCount(), results = shape.resultCount();
  const Route route = routeOf(shape, [&] { return shape.forward(Type::bf16, call.hasInput(2), relu); });
  const auto *bias = call.optionalInput<float>(2, static_cast<size_t>(shape.outputs));
  if (isHalf(route))
    return forward(shape, route, relu, call.input<Bf16>(0, images), call.input<float>(1, weights), bias,
                   call.result<Bf16>(0, results));
  return forward(shape, route, relu, floats(call, route, 0, images), floats(call, route, 1, weights), bias,
                 call.result<float>(0, results));
}

// in: gradient of the result, filter; out: gradient of the images.
ATELIER_OP(conv2dInputGradient) {
  const Shape shape(call);
  const size_t images = shape.imageCount(), weights = shape.filterCount(), results = shape.resultCount();
  const Route route = routeOf(shape, [&] { return shape.inputGradient(Type::bf16); });
  if (isHalf(route))
    return inputGradient(shape, route, call.input<Bf16>(0, results), call.input<float>(1, weights),
                         call.result<Bf16>(0, images));
  return inputGradient(shape, route, floats(call, route, 0, results), floats(call, route, 1, weights),
                       call.result<float>(0, images));
}

// in: images, gradient of the result; out: gradient of the filter.
ATELIER_OP(conv2dFilterGradient) {
  const Shape shape(call);
  const size_t images = shape.imageCount(), weights = shape.filterCount(), results = shape.resultCount();
  const Route route = routeOf(shape, [&] { return shape.filterGradient(Type::bf16); });
  if (isHalf(route))
    return filterGradient(shape, route, call.input<Bf16>(0, images), call.input<Bf16>(1, results),
                          call.result<float>(0, weights));
  return filterGradient(shape, route, floats(call, route, 0, images), floats(call, route, 1, results),
                        call.result<float>(0, weights));
}

}  // namespace atelier
