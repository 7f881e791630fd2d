// Matrix products, batched, either side transposed: oneDNN's matmul.
#include "../dnnl-work.h"
#include "../precision.h"

namespace atelier {

namespace {

struct Shape {
  int64_t batchA, batchB, m, k, n;
  bool transposeA, transposeB, relu;

  explicit Shape(Call &call) {
    batchA = call.size();
    batchB = call.size();
    m = call.size();
    k = call.size();
    n = call.size();
    transposeA = call.flag();
    transposeB = call.flag();
    relu = call.flag();
    call.expect(batchA == batchB || batchA == 1 || batchB == 1, "batches that do not fit each other");
  }

  int64_t batch() const { return batchA == 1 ? batchB : batchA; }
  size_t countA() const { return product({batchA, m, k}); }
  size_t countB() const { return product({batchB, k, n}); }
  size_t count() const { return product({batch(), m, n}); }

  Desc describe(int64_t batches, int64_t rows, int64_t columns, bool transposed, Type type) const {
    if (batch() == 1) return Desc({rows, columns}, type, transposed ? Tag::ba : Tag::ab);
    return Desc({batches, rows, columns}, type, transposed ? Tag::acb : Tag::abc);
  }
  Desc a(Type type) const { return describe(batchA, m, k, transposeA, type); }
  Desc b(Type type) const { return describe(batchB, k, n, transposeB, type); }
  Desc c(Type type) const { return describe(batch(), m, n, false, type); }
  Desc bias() const {
    return batch() == 1 ? Desc({1, n}, Type::f32, Tag::ab) : Desc({1, 1, n}, Type::f32, Tag::abc);
  }
  auto primitive(Type operands, Type result, bool biased) const {
    const Desc biasDesc = bias();
    return matmul(a(operands), b(operands), biased ? &biasDesc : nullptr, c(result), relu);
  }
};

template <typename T, typename Result>
Work work(const Shape &shape, const T *a, const T *b, const float *bias, Result *c) {
  const size_t count = shape.count();
  if (count == 0) return [] {};
  if (shape.k == 0) {
    return [=] {
      for (size_t i = 0; i < count; i++) {
        const float value = bias ? bias[i % static_cast<size_t>(shape.n)] : 0.f;
        c[i] = shape.relu && value < 0 ? 0.f : value;
      }
    };
  }
  const auto desc = shape.primitive(typeOf<T>(), typeOf<Result>(), bias != nullptr);
  DnnlWork work;
  std::unordered_map<int, dnnl::memory> arguments{{DNNL_ARG_SRC, DnnlWork::wrap(shape.a(typeOf<T>()), a)},
                                                  {DNNL_ARG_WEIGHTS, DnnlWork::wrap(shape.b(typeOf<T>()), b)},
                                                  {DNNL_ARG_DST, DnnlWork::wrap(shape.c(typeOf<Result>()), c)}};
  if (bias) arguments.emplace(DNNL_ARG_BIAS, DnnlWork::wrap(shape.bias(), bias));
  work.add(desc, dnnl::matmul(desc), std::move(arguments));
  return std::move(work).work();
}

}  // namespace

// in: a [batchA, m, k] (transposed: [batchA, k, m]), b [batchB, k, n] (transposed: [batchB, n, k]), bias? [n];
// out: [batch, m, n]. A batch of 1 meets every other. Numbers: batchA, batchB, m, k, n, transposeA, transposeB, relu.
ATELIER_OP(matmul) {
  const Shape shape(call);
  const size_t countA = shape.countA(), countB = shape.countB(), count = shape.count();
  const auto *bias = call.optionalInput<float>(2, static_cast<size_t>(shape.n));
  const Type stored = call.isHalfOutput(0) ? Type::bf16 : Type::f32;
  const bool native = products() == Products::bf16Native && count > 0 && shape.k > 0 &&
                      hasKernel([&] { return shape.primitive(Type::bf16, stored, bias != nullptr); });
  if (native) {
    const auto *a = call.input<Bf16>(0, countA), *b = call.input<Bf16>(1, countB);
    if (call.isHalfOutput(0)) return work(shape, a, b, bias, call.output<Bf16>(0, count));
    return work(shape, a, b, bias, call.output<float>(0, count));
  }
  const auto operand = [&](size_t at, size_t size) {
    return isBf16() ? call.roundedInput(at, size) : call.input<float>(at, size);
  };
  const float *a = operand(0, countA), *b = operand(1, countB);
  return work(shape, a, b, bias, call.result<float>(0, count));
}

}  // namespace atelier
