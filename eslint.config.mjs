import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Which layer may import which: the second of the two arrows in docs/architecture.md. */
const LAYERS = {
  cli: [],
  data: ['cli'],
  engine: ['cli'],
  metrics: [],
  search: ['cli', 'data', 'metrics'],
  model: ['data', 'engine'],
  tracker: ['cli', 'metrics'],
  train: ['cli', 'data', 'engine', 'model', 'metrics', 'search', 'tracker'],
  dashboard: ['cli', 'data', 'metrics', 'search', 'tracker'],
};

const depConstraints = Object.entries(LAYERS).map(([layer, below]) => ({
  sourceTag: `layer:${layer}`,
  onlyDependOnLibsWithTags: below.map((name) => `layer:${name}`),
}));

/** Only the outermost files of a package talk to a terminal. */
const cliOnly = { group: ['@atelier/cli'], message: 'Only src/cli/ talks to a terminal.' };
const trackerOnly = {
  group: ['@atelier/tracker'],
  message: 'fit() knows no storage: only src/cli/ pipes events into a tracker.',
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
    files: ['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts'],
    ignores: ['**/src/cli/**', 'packages/cli/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [cliOnly] }] },
  },
  {
    files: ['packages/train/src/**/*.ts'],
    ignores: ['**/src/cli/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [cliOnly, trackerOnly] }] },
  },
];
