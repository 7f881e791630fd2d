// Convolutions and their gradients, dense and depthwise: oneDNN's primitives on channels-last data.
#include "../dnnl-work.h"
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
  Desc image() const { return Desc({n, channels, height, width}, Type::f32, Tag::nhwc); }
  Desc result() const { return Desc({n, outputs, outHeight, outWidth}, Type::f32, Tag::nhwc); }
  Desc bias() const { return Desc({outputs}, Type::f32, Tag::a); }
  Desc filter(Tag tag) const {
    if (depthwise) return Desc({channels, outputs / channels, 1, rows, columns}, Type::f32, tag);
    return Desc({outputs, channels, rows, columns}, Type::f32, tag);
  }
  Desc plainFilter() const { return filter(depthwise ? Tag::hwigo : Tag::hwio); }
  Desc anyFilter() const { return filter(Tag::any); }
};

}  // namespace

// in: images, filter, bias?; out: result. Numbers: the shape, then whether ReLU follows.
ATELIER_OP(conv2d) {
  const Shape shape(call);
  const bool relu = call.flag();
  const auto *x = call.input<float>(0, shape.imageCount());
  const auto *filter = call.input<float>(1, shape.filterCount());
  const auto *bias = call.optionalInput<float>(2, static_cast<size_t>(shape.outputs));
  auto *y = call.output<float>(0, shape.resultCount());
  if (shape.resultCount() == 0) return [] {};
  if (shape.isWinograd()) {
    const WinogradShape fast = shape.winograd();
    return [=] { winogradForward(fast, x, filter, bias, relu, y); };
  }
  const Desc biasDesc = shape.bias();
  const auto desc = convolutionForward(shape.image(), shape.anyFilter(), bias ? &biasDesc : nullptr, shape.result(),
                                       shape.window, relu);
  DnnlWork work;
  std::unordered_map<int, dnnl::memory> arguments{
      {DNNL_ARG_SRC, DnnlWork::wrap(shape.image(), x)},
      {DNNL_ARG_WEIGHTS, work.toLayout(DnnlWork::wrap(shape.plainFilter(), filter), desc.weights_desc())},
      {DNNL_ARG_DST, DnnlWork::wrap(shape.result(), y)}};
  if (bias) arguments.emplace(DNNL_ARG_BIAS, DnnlWork::wrap(biasDesc, bias));
  work.add(desc, dnnl::convolution_forward(desc), std::move(arguments));
  return std::move(work).work();
}

// in: gradient of the result, filter; out: gradient of the images.
ATELIER_OP(conv2dInputGradient) {
  const Shape shape(call);
  const auto *dy = call.input<float>(0, shape.resultCount());
  const auto *filter = call.input<float>(1, shape.filterCount());
  auto *dx = call.output<float>(0, shape.imageCount());
  if (shape.imageCount() == 0) return [] {};
  if (shape.isWinograd()) {
    const WinogradShape fast = shape.winograd();
    return [=] { winogradInputGradient(fast, dy, filter, dx); };
  }
  const auto desc = convolutionBackwardData(shape.image(), shape.anyFilter(), shape.result(), shape.window);
  DnnlWork work;
  const auto weights = work.toLayout(DnnlWork::wrap(shape.plainFilter(), filter), desc.weights_desc());
  work.add(desc, dnnl::convolution_backward_data(desc),
           {{DNNL_ARG_DIFF_DST, DnnlWork::wrap(shape.result(), dy)},
            {DNNL_ARG_WEIGHTS, weights},
            {DNNL_ARG_DIFF_SRC, DnnlWork::wrap(shape.image(), dx)}});
  return std::move(work).work();
}

// in: images, gradient of the result; out: gradient of the filter.
ATELIER_OP(conv2dFilterGradient) {
  const Shape shape(call);
  const auto *x = call.input<float>(0, shape.imageCount());
  const auto *dy = call.input<float>(1, shape.resultCount());
  auto *dw = call.output<float>(0, shape.filterCount());
  if (shape.filterCount() == 0) return [] {};
  if (shape.isWinograd()) {
    const WinogradShape fast = shape.winograd();
    return [=] { winogradFilterGradient(fast, x, dy, dw); };
  }
  const auto desc = convolutionBackwardWeights(shape.image(), shape.anyFilter(), shape.result(), shape.window);
  DnnlWork work;
  const auto result = work.fromLayout(DnnlWork::wrap(shape.plainFilter(), dw), desc.diff_weights_desc());
  work.add(desc, dnnl::convolution_backward_weights(desc),
           {{DNNL_ARG_SRC, DnnlWork::wrap(shape.image(), x)},
            {DNNL_ARG_DIFF_DST, DnnlWork::wrap(shape.result(), dy)},
            {DNNL_ARG_DIFF_WEIGHTS, result}});
  work.finish();
  return std::move(work).work();
}

}  // namespace atelier
