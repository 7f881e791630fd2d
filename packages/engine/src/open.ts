import * as tf from '@tensorflow/tfjs-core';
// registers every gradient; engines replace some of them, which must come after
import '@tensorflow/tfjs-layers';
import { availableParallelism } from 'node:os';
import type { Engine, EngineName, OpeningOptions, Precision, SkippedEngine } from './engine.ts';
import { EngineBusyError, EngineSettingError, EngineUnavailableError } from './errors.ts';
import { ENGINES, ENGINE_NAMES, engineName } from './registry.ts';

/** Settings of `openEngine`. */
export interface EngineOptions {
  /** An engine, or `auto`: the fastest that opens here. */
  readonly name?: EngineName | 'auto';
  /** At least 1; all cores where not given. */
  readonly threads?: number;
  /** `fp32` where not given; engines without bf16 refuse it. */
  readonly precision?: Precision;
}

interface OpenState {
  readonly engine: Engine;
  /** Threads asked for, which an engine may not have been able to use. */
  readonly asked: number;
}

let opening: Promise<OpenState> | undefined;

const PRECISIONS: readonly Precision[] = ['fp32', 'bf16'];

function precisionsOf(name: EngineName): readonly Precision[] {
  return ENGINES[name].precisions ?? ['fp32'];
}

/** @throws EngineSettingError where no engine, or not the named one, computes in that precision */
function checkPrecision(name: EngineName | 'auto', precision: string): asserts precision is Precision {
  const known = name === 'auto' ? PRECISIONS : precisionsOf(name);
  if ((known as readonly string[]).includes(precision)) return;
  const able = ENGINE_NAMES.filter((each) => (precisionsOf(each) as readonly string[]).includes(precision));
  const others = able.length === 0 ? '' : ` (engines that have ${precision}: ${able.join(', ')})`;
  const expected = name === 'auto' ? known.join(' or ') : `${known.join(' or ')} with ${name}${others}`;
  throw new EngineSettingError('precision', expected, precision);
}

async function openOne(name: EngineName, options: OpeningOptions, skipped: SkippedEngine[]): Promise<Engine> {
  const definition = ENGINES[name];
  const { precision } = options;
  const opened = await definition.open(options);
  if (!(await tf.setBackend(definition.backend))) {
    throw new EngineUnavailableError(name, 'TensorFlow.js could not start its backend', 'run with --debug');
  }
  await tf.ready();
  const { version, threads, bf16 } = opened;
  const arithmetic = precision === 'bf16' && bf16 !== undefined ? `bf16, ${bf16}` : precision;
  return { name, version, threads, precision, arithmetic, ...(bf16 !== undefined && { bf16 }), skipped };
}

async function openFastest(options: OpeningOptions): Promise<Engine> {
  const skipped: SkippedEngine[] = [];
  for (const name of ENGINE_NAMES) {
    if (!precisionsOf(name).includes(options.precision)) {
      const remedy = 'ask for the precision fp32';
      skipped.push({ name, reason: `it does not compute in ${options.precision}`, remedy });
      continue;
    }
    try {
      return await openOne(name, options, skipped);
    } catch (error) {
      if (!(error instanceof EngineUnavailableError)) throw error;
      skipped.push({ name, reason: error.reason, remedy: error.remedy });
    }
  }
  const reasons = skipped.map((engine) => `${engine.name}: ${engine.reason}`).join('; ');
  const remedy =
    options.precision === 'fp32' ? 'install the workspace again: npm ci' : 'ask for the precision fp32';
  throw new EngineUnavailableError('auto', `no engine opens (${reasons})`, remedy);
}

function threadCount(threads: number | undefined): number {
  const count = threads ?? availableParallelism();
  if (!Number.isInteger(count) || count < 1)
    throw new EngineSettingError('threads', 'a whole number from 1', count);
  return count;
}

async function reuse(
  open: Promise<OpenState>,
  name: EngineName | 'auto',
  threads: number | undefined,
  precision: Precision | undefined,
): Promise<Engine> {
  const { engine, asked } = await open;
  const sameEngine = name === 'auto' || name === engine.name;
  const sameThreads = threads === undefined || threads === asked || threads === engine.threads;
  const samePrecision = precision === undefined || precision === engine.precision;
  if (sameEngine && sameThreads && samePrecision) return engine;
  const wanted = name === 'auto' ? engine.name : name;
  const settings = [
    ...(threads === undefined ? [] : [`threads ${threads}`]),
    ...(samePrecision ? [] : [precision]),
  ];
  throw new EngineBusyError(
    `${engine.name} (threads ${engine.threads}, ${engine.precision})`,
    settings.length === 0 ? wanted : `${wanted} (${settings.join(', ')})`,
  );
}

/**
 * Opens the engine of this process: afterwards `@tensorflow/tfjs-core` computes on it. Asked again for the same
 * engine (or `auto`), it answers with the one that is open.
 *
 * @throws EngineUnknownError for a name that is no engine; EngineSettingError for threads below 1 or a precision
 *   that the engine lacks;
 *   EngineUnavailableError where a named engine does not open here; EngineBusyError where another is open.
 */
export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  const name = engineName(options.name ?? 'auto');
  const precision: string = options.precision ?? 'fp32';
  checkPrecision(name, precision);
  const asked = threadCount(options.threads);
  if (opening !== undefined) return reuse(opening, name, options.threads, options.precision);
  const settings = { threads: asked, precision };
  const attempt = (name === 'auto' ? openFastest(settings) : openOne(name, settings, [])).then((engine) => ({
    engine,
    asked,
  }));
  opening = attempt;
  try {
    return (await attempt).engine;
  } catch (error) {
    opening = undefined;
    throw error;
  }
}
