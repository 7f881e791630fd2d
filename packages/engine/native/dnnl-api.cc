#include "dnnl-api.h"

namespace atelier {

namespace {

using dnnl::algorithm;
using dnnl::prop_kind;

// Scratch memory is ours: a primitive made on one thread runs on another.
dnnl::primitive_attr attributes(bool relu) {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (relu) {
    dnnl::post_ops ops;
#if DNNL_VERSION_MAJOR >= 3
    ops.append_eltwise(algorithm::eltwise_relu, 0.f, 0.f);
#else
    ops.append_eltwise(1.f, algorithm::eltwise_relu, 0.f, 0.f);
#endif
    attr.set_post_ops(ops);
  }
  return attr;
}

}  // namespace

dnnl::engine &dnnlEngine() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream &dnnlStream() {
  static dnnl::stream stream(dnnlEngine());
  return stream;
}

std::string dnnlVersion() {
  const dnnl_version_t *version = dnnl_version();
  return std::to_string(version->major) + "." + std::to_string(version->minor) + "." + std::to_string(version->patch);
}

dnnl::convolution_forward::primitive_desc convolutionForward(const Desc &src, const Desc &weights, const Desc *bias,
                                                             const Desc &dst, const Window &w, bool relu) {
  const auto kind = algorithm::convolution_direct;
  const auto prop = prop_kind::forward_training;
  const Desc none;
#if DNNL_VERSION_MAJOR >= 3
  return {dnnlEngine(), prop, kind, src, weights, bias ? *bias : none, dst, w.strides, w.dilation, w.padBefore,
          w.padAfter, attributes(relu)};
#else
  return {{prop, kind, src, weights, bias ? *bias : none, dst, w.strides, w.dilation, w.padBefore, w.padAfter},
          attributes(relu),
          dnnlEngine()};
#endif
}

namespace {

// Either gradient of a convolution. The forward primitive, with its own weights, is only a hint for the layout.
template <typename Primitive>
typename Primitive::primitive_desc backward(const Desc &src, const Desc &weights, const Desc &hintWeights, const Desc &dst,
                                            const Window &w) {
  const auto hint = convolutionForward(src, hintWeights, nullptr, dst, w, false);
  const auto kind = algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  return {dnnlEngine(), kind, src, weights, dst, w.strides, w.dilation, w.padBefore, w.padAfter, hint,
          attributes(false)};
#else
  return {{kind, src, weights, dst, w.strides, w.dilation, w.padBefore, w.padAfter}, attributes(false), dnnlEngine(),
          hint};
#endif
}

}  // namespace

dnnl::convolution_backward_data::primitive_desc convolutionBackwardData(const Desc &src, const Desc &weights,
                                                                        const Desc &dst, const Window &window) {
  return backward<dnnl::convolution_backward_data>(src, weights, weights, dst, window);
}

dnnl::convolution_backward_weights::primitive_desc convolutionBackwardWeights(const Desc &src, const Desc &weights,
                                                                              const Desc &dst, const Window &window) {
#if DNNL_VERSION_MAJOR >= 3
  const Type type = src.get_data_type();
  const Desc hint(weights.get_dims(), type, Tag::any);
#else
  const Type type = src.data_type();
  const Desc hint(weights.dims(), type, Tag::any);
#endif
  return backward<dnnl::convolution_backward_weights>(src, weights, hint, dst, window);
}

dnnl::matmul::primitive_desc matmul(const Desc &a, const Desc &b, const Desc *bias, const Desc &c, bool relu) {
  const Desc none;
#if DNNL_VERSION_MAJOR >= 3
  if (bias) return {dnnlEngine(), a, b, *bias, c, attributes(relu)};
  return {dnnlEngine(), a, b, c, attributes(relu)};
#else
  if (bias) return {{a, b, *bias, c}, attributes(relu), dnnlEngine()};
  return {{a, b, c}, attributes(relu), dnnlEngine()};
#endif
}

}  // namespace atelier
