#!/usr/bin/env node
import { register } from 'tsx/esm/api';

// the packages are TypeScript; a Node that reads it by itself needs no help
if (!process.features.typescript) register();
await import('../src/cli/main.ts');
