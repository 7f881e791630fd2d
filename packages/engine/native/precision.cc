#include "precision.h"

namespace atelier {

namespace {

Products setting = Products::fp32;

bool includes(int isa, int wanted) { return (isa & wanted) == wanted; }

int isaBits() {
#if defined(__x86_64__) || defined(_M_X64)
  return static_cast<int>(dnnl_get_effective_cpu_isa());
#else
  return 0;  // oneDNN numbers no others
#endif
}

}  // namespace

Products products() { return setting; }
void setProducts(Products products) { setting = products; }

bool hasBf16Instructions() {
#if DNNL_VERSION_MAJOR >= 3
  if (includes(isaBits(), dnnl_cpu_isa_avx2_vnni_2)) return true;
#endif
  return includes(isaBits(), dnnl_cpu_isa_avx512_core_bf16);
}

// On avx512_core without the instructions, oneDNN widens within its kernels.
bool hasBf16Kernels() { return hasBf16Instructions() || includes(isaBits(), dnnl_cpu_isa_avx512_core); }

std::string dnnlIsa() {
  const int isa = isaBits();
  if (includes(isa, dnnl_cpu_isa_avx512_core_amx)) return "avx512_core_amx";
  if (includes(isa, dnnl_cpu_isa_avx512_core_bf16)) return "avx512_core_bf16";
  if (includes(isa, dnnl_cpu_isa_avx512_core)) return "avx512_core";
#if DNNL_VERSION_MAJOR >= 3
  if (includes(isa, dnnl_cpu_isa_avx2_vnni_2)) return "avx2_vnni_2";
#endif
  if (includes(isa, dnnl_cpu_isa_avx2)) return "avx2";
  return isa == 0 ? "unknown" : "sse41";
}

}  // namespace atelier
