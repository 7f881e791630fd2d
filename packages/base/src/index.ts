export { canonicalJson } from './canonical-json.ts';
export { namesNear, nearest } from './nearest.ts';
export { RUN_STATUSES, SWEEP_STATUSES, TRIAL_STATES } from './states.ts';
