export { convolve, filterGradient, multiply, multiplyTransposed } from './products';
export { packPanels } from './gemm';
export {
  blendColumns, columnDots, columnSquares, columnSums, maxPoolGradient, reluGradient, scaleColumns,
} from './passes';
