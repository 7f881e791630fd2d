#!/usr/bin/env node
import { start } from '@atelier/start/start.mjs';

await start(new URL('../src/main.ts', import.meta.url));
