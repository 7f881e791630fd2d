import { nearest } from '@atelier/base';
import type { EngineDefinition, EngineName } from './engine.ts';
import { cpu } from './engines/cpu.ts';
import { onednn } from './engines/onednn.ts';
import { tensorflow } from './engines/tensorflow.ts';
import { wasm } from './engines/wasm.ts';
import { EngineUnknownError } from './errors.ts';

/** Every engine, fastest first: the order in which `auto` tries them. */
export const ENGINES: Readonly<Record<EngineName, EngineDefinition>> = { onednn, tensorflow, wasm, cpu };

export const ENGINE_NAMES = Object.keys(ENGINES) as readonly EngineName[];

/** @throws EngineUnknownError naming the nearest known engine. */
export function engineName(name: string): EngineName | 'auto' {
  const known = ['auto', ...ENGINE_NAMES] as const;
  const found = known.find((candidate) => candidate === name);
  if (found === undefined) throw new EngineUnknownError(name, known, nearest(name, known));
  return found;
}
