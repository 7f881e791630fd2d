import { STARTER } from '@atelier/start';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { EngineName } from './engine.ts';
import { ENGINES, ENGINE_NAMES } from './registry.ts';

const execute = promisify(execFile);
const SELF_TEST = fileURLToPath(new URL('./self-test.ts', import.meta.url));

/** Whether an engine works on this machine. */
export interface EngineStatus {
  readonly name: EngineName;
  readonly available: boolean;
  /** How fast it is, in words. */
  readonly speed: string;
  readonly version?: string;
  readonly threads?: number;
  /** How this machine has bf16, in words; absent where the engine does not have it. */
  readonly bf16?: string;
  /** Why it does not open, and how to get it. */
  readonly reason?: string;
  readonly remedy?: string;
}

/** What the self-test prints as its last line. */
export type SelfTestResult =
  | { readonly available: true; readonly version: string; readonly threads: number; readonly bf16?: string }
  | { readonly available: false; readonly reason: string; readonly remedy: string };

/** A process of its own: an engine is process-wide, and a broken native library would end us with it. */
async function selfTest(name: EngineName): Promise<SelfTestResult> {
  try {
    const { stdout } = await execute(process.execPath, [STARTER, SELF_TEST, name]);
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as SelfTestResult;
  } catch (error) {
    const { signal, stderr = '' } = error as { signal?: string; stderr?: string };
    // Node's last line is its own version
    const lines = stderr.trim().split('\n');
    const end = signal
      ? `its process ended with ${signal}`
      : (lines.findLast((line) => /^\w*Error\b.*:/.test(line)) ?? (lines.at(-1) || 'its process failed'));
    return { available: false, reason: `the self-test failed: ${end}`, remedy: 'install it again' };
  }
}

/** Opens every engine in a process of its own and lets it take a gradient of a convolution. Fastest first. */
export async function describeEngines(names: readonly EngineName[] = ENGINE_NAMES): Promise<EngineStatus[]> {
  const results = await Promise.all(names.map((name) => selfTest(name)));
  return names.map((name, i) => ({ name, speed: ENGINES[name].speed, ...results[i]! }));
}
