// The two generations of oneDNN's C++ interface behind one set of functions: 2.x makes a primitive descriptor from an
// operation descriptor, 3.x at once.
#pragma once
#include <dnnl.hpp>
#include <string>
#include <type_traits>

namespace atelier {

using Dims = dnnl::memory::dims;
using Desc = dnnl::memory::desc;
using Tag = dnnl::memory::format_tag;
using Type = dnnl::memory::data_type;

dnnl::engine &dnnlEngine();
dnnl::stream &dnnlStream();
std::string dnnlVersion();

// How a kernel moves over its input; dilation as oneDNN counts it (0: dense).
struct Window {
  Dims strides, dilation, padBefore, padAfter;
};

dnnl::convolution_forward::primitive_desc convolutionForward(const Desc &src, const Desc &weights, const Desc *bias,
                                                             const Desc &dst, const Window &window, bool relu);
dnnl::convolution_backward_data::primitive_desc convolutionBackwardData(const Desc &src, const Desc &weights,
                                                                        const Desc &dst, const Window &window);
// `weights` is the gradient's, which is fp32 where images are bf16 as well.
dnnl::convolution_backward_weights::primitive_desc convolutionBackwardWeights(const Desc &src, const Desc &weights,
                                                                              const Desc &dst, const Window &window);
dnnl::matmul::primitive_desc matmul(const Desc &a, const Desc &b, const Desc *bias, const Desc &c, bool relu);

// The type of numbers that oneDNN knows T as.
template <typename T>
constexpr Type typeOf() {
  return std::is_same_v<T, float> ? Type::f32 : Type::bf16;
}

// Whether oneDNN can make a primitive here, and not only its slow reference one.
template <typename Make>
bool hasKernel(const Make &make) {
  try {
    return std::string(make().impl_info_str()).find("ref") == std::string::npos;
  } catch (const dnnl::error &) {
    return false;
  }
}

}  // namespace atelier
