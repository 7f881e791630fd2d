/** The compiled form of kernels/*.as, checked in: whoever trains needs no compiler. `compile-kernels.ts` writes it. */
export const KERNELS_WASM = new URL('./kernels.wasm', import.meta.url);
