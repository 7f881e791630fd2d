// Matrix products, batched, either side transposed: oneDNN's matmul.
#include "../dnnl-work.h"

namespace atelier {

// in: a [batchA, m, k] (transposed: [batchA, k, m]), b [batchB, k, n] (transposed: [batchB, n, k]), bias? [n];
// out: [batch, m, n]. A batch of 1 meets every other. Numbers: batchA, batchB, m, k, n, transposeA, transposeB, relu.
ATELIER_OP(matmul) {
  const int64_t batchA = call.size(), batchB = call.size(), m = call.size(), k = call.size(), n = call.size();
  const bool transposeA = call.flag(), transposeB = call.flag(), relu = call.flag();
  call.expect(batchA == batchB || batchA == 1 || batchB == 1, "batches that do not fit each other");
  const int64_t batch = batchA == 1 ? batchB : batchA;
  const auto *a = call.input<float>(0, product({batchA, m, k}));
  const auto *b = call.input<float>(1, product({batchB, k, n}));
  const auto *bias = call.optionalInput<float>(2, static_cast<size_t>(n));
  auto *c = call.output<float>(0, product({batch, m, n}));
  const size_t count = product({batch, m, n});
  if (count == 0) return [] {};
  if (k == 0) {
    return [=] {
      for (size_t i = 0; i < count; i++) {
        const float value = bias ? bias[i % static_cast<size_t>(n)] : 0.f;
        c[i] = relu && value < 0 ? 0.f : value;
      }
    };
  }
  const bool flat = batch == 1;
  const auto describe = [&](int64_t batches, int64_t rows, int64_t columns, bool transposed) {
    if (flat) return Desc({rows, columns}, Type::f32, transposed ? Tag::ba : Tag::ab);
    return Desc({batches, rows, columns}, Type::f32, transposed ? Tag::acb : Tag::abc);
  };
  const Desc descA = describe(batchA, m, k, transposeA), descB = describe(batchB, k, n, transposeB);
  const Desc descC = describe(batch, m, n, false);
  const Desc descBias = flat ? Desc({1, n}, Type::f32, Tag::ab) : Desc({1, 1, n}, Type::f32, Tag::abc);
  const auto desc = matmul(descA, descB, bias ? &descBias : nullptr, descC, relu);
  DnnlWork work;
  std::unordered_map<int, dnnl::memory> arguments{{DNNL_ARG_SRC, DnnlWork::wrap(descA, a)},
                                                  {DNNL_ARG_WEIGHTS, DnnlWork::wrap(descB, b)},
                                                  {DNNL_ARG_DST, DnnlWork::wrap(descC, c)}};
  if (bias) arguments.emplace(DNNL_ARG_BIAS, DnnlWork::wrap(descBias, bias));
  work.add(desc, dnnl::matmul(desc), std::move(arguments));
  return std::move(work).work();
}

}  // namespace atelier
