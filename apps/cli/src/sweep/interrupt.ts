import type { SweepEvent } from '@atelier/train';
import { EXIT_CODES, STOP_SIGNALS, type StopSignal } from '../train/interrupt.ts';

/** A terminal's Ctrl-C can arrive twice, from the terminal and from the wrapper that started us. */
const ECHO_MS = 500;

/** Ctrl-C and its like while in scope: the first parks, the second stops at once, the third ends the process. */
export interface SweepInterrupt extends Disposable {
  readonly park: AbortSignal;
  readonly abort: AbortSignal;
  /** The exit code that the first signal asks for, if it had a part in the end. */
  exitCode(last: SweepEvent | undefined): number;
}

export function watchSweepInterrupts(onSecond: () => void): SweepInterrupt {
  const park = new AbortController();
  const abort = new AbortController();
  let received: StopSignal | undefined;
  let lastAt = -Infinity;
  const onSignal = (signal: StopSignal): void => {
    const now = performance.now();
    if (now - lastAt < ECHO_MS) return;
    lastAt = now;
    if (abort.signal.aborted) process.exit(EXIT_CODES[signal]);
    if (received !== undefined) {
      onSecond();
      return abort.abort();
    }
    received = signal;
    park.abort();
  };
  for (const name of STOP_SIGNALS) process.on(name, onSignal);
  return {
    park: park.signal,
    abort: abort.signal,
    exitCode: (last) => {
      if (received === undefined || (last?.type === 'finished' && last.status === 'FINISHED')) return 0;
      return EXIT_CODES[received];
    },
    [Symbol.dispose]: () => STOP_SIGNALS.forEach((name) => process.off(name, onSignal)),
  };
}
