// Between floats and bf16, on all threads.
#pragma once
#include "bf16.h"
#include "op.h"

namespace atelier {

void widen(const Bf16 *from, float *to, int64_t count);
void narrow(const float *from, Bf16 *to, int64_t count);
// Floats to the nearest that bf16 holds.
void roundToBf16(const float *from, float *to, int64_t count);

}  // namespace atelier
