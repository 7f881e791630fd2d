export { canonicalJson } from './canonical-json.ts';
export { namesNear, nearest } from './nearest.ts';
