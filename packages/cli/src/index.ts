export { EXIT_FAILURE, EXIT_OK, EXIT_USAGE, describeError, exitCodeOf, runProgram } from './command.ts';
export { WORKSPACE_ROOT, atelierHome, userPath } from './home.ts';
export { startProgress, type Progress } from './progress.ts';
export { appendResult } from './results.ts';
export { formatTable, type Column } from './table.ts';
export { STARTER, typescriptFlags } from './typescript.ts';
