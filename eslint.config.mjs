import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Which layer may import which: the second of the two arrows in docs/architecture.md. */
const LAYERS = {
  base: [],
  start: [],
  benchmarks: [],
  data: ['base', 'start', 'benchmarks'],
  engine: ['base', 'start'],
  metrics: ['base'],
  search: ['base', 'data', 'metrics', 'benchmarks'],
  model: ['base', 'data', 'engine'],
  tracker: ['base', 'start', 'metrics'],
  // data: a promotion predicts the judged images again
  registry: ['base', 'start', 'data', 'metrics', 'tracker'],
  interop: ['base', 'metrics', 'tracker'],
  train: ['base', 'data', 'engine', 'model', 'metrics', 'search', 'tracker', 'benchmarks'],
  dashboard: ['base', 'data', 'metrics', 'search', 'tracker', 'registry', 'interop'],
  cli: [
    ...[
      'base',
      'start',
      'data',
      'engine',
      'metrics',
      'search',
      'model',
      'tracker',
      'registry',
      'interop',
      'train',
    ],
    ...['dashboard', 'benchmarks'],
  ],
};

const depConstraints = Object.entries(LAYERS).map(([layer, below]) => ({
  sourceTag: `layer:${layer}`,
  onlyDependOnLibsWithTags: below.map((name) => `layer:${name}`),
}));

/** A package talks to no terminal: whoever wires it prints. */
const noTerminal = { group: ['commander', 'cli-progress'], message: 'Only apps/cli talks to a terminal.' };
const noStorage = {
  group: ['@atelier/tracker'],
  message: 'fit() knows no storage: apps/cli records its events.',
};

export default [
  { ignores: ['**/dist', '**/.nx', '**/coverage', '**/.atelier'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { allow: [], depConstraints, banTransitiveDependencies: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['packages/**/*.ts', 'apps/dashboard/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [noTerminal] }] },
  },
  {
    files: ['packages/train/src/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [noTerminal, noStorage] }] },
  },
];
