// What products multiply in: a setting of the whole library, read when an operation is made.
#pragma once
#include <string>

#include "dnnl-api.h"

namespace atelier {

enum class Products {
  fp32,
  // operands rounded to bf16, multiplied and added in fp32 by the kernels that fp32 has
  bf16Rounded,
  // the CPU's own: oneDNN is handed bf16
  bf16Native,
};

Products products();
void setProducts(Products products);
inline bool isBf16() { return products() != Products::fp32; }

// The instructions that oneDNN uses here, as it calls them.
std::string dnnlIsa();
// Whether oneDNN multiplies bf16 with instructions made for it here.
bool hasBf16Instructions();
// Whether oneDNN has a kernel of its own for bf16 here, instructions or not.
bool hasBf16Kernels();

}  // namespace atelier
