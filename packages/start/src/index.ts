export { startProcess, startThread } from './aside.ts';
export { STARTER, typescriptFlags } from './typescript.ts';
