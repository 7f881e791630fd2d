export { convolve, filterGradient, multiply, multiplyTransposed } from './products';
export { packPanels } from './gemm';
export {
  blendColumns, columnDots, columnSquares, columnSums, maxPoolGradient, maxPoolGradient2x2, reluGradient, scaleColumns,
  seededDropout,
} from './passes';
