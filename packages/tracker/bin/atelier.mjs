#!/usr/bin/env node
import { start } from '@atelier/cli/start.mjs';

await start(new URL('../src/cli/main.ts', import.meta.url));
