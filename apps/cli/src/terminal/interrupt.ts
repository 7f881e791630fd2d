/** A terminal's Ctrl-C can arrive twice, from the terminal and from the wrapper that started us (npx, nx). */
const ECHO_MS = 500;

/** Exit codes by convention: 128 + the signal's number. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof EXIT_CODES;
const SIGNALS = Object.keys(EXIT_CODES) as readonly StopSignal[];

/** Ctrl-C, SIGTERM, SIGQUIT and a terminal that closes while in scope. */
export interface Interrupts extends Disposable {
  /** The first that came. */
  readonly received: StopSignal | undefined;
  /** What `received` asks for; 0 where none came. */
  readonly exitCode: number;
}

/**
 * Watches for Ctrl-C and its like. Whoever asks once more than there are acts ends the process.
 * @param acts what the first means, the second, ...
 */
export function watchInterrupts(...acts: readonly ((signal: StopSignal) => void)[]): Interrupts {
  let received: StopSignal | undefined;
  let times = 0;
  let lastAt = -Infinity;
  const onSignal = (signal: StopSignal): void => {
    const now = performance.now();
    if (now - lastAt < ECHO_MS) return;
    lastAt = now;
    received ??= signal;
    const act = acts[times++];
    if (act === undefined) process.exit(EXIT_CODES[signal]);
    act(signal);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    get received() {
      return received;
    },
    get exitCode() {
      return received === undefined ? 0 : EXIT_CODES[received];
    },
    [Symbol.dispose]: () => SIGNALS.forEach((name) => process.off(name, onSignal)),
  };
}

/** The work that Ctrl-C or a kill ended. */
class WorkInterrupted extends Error {
  readonly code = 'INTERRUPTED';
  readonly exitCode: number;

  constructor(exitCode: number, { cause }: { cause: unknown }) {
    super(
      cause instanceof Error && cause.name !== 'AbortError'
        ? cause.message
        : 'interrupted; nothing was left behind',
      { cause },
    );
    this.exitCode = exitCode;
  }
}

/** Runs work that Ctrl-C or a kill asks to end, so that it can tidy up; a second one ends the process at once. */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  using interrupts = watchInterrupts(() => controller.abort());
  try {
    return await work(controller.signal);
  } catch (cause) {
    throw controller.signal.aborted ? new WorkInterrupted(interrupts.exitCode, { cause }) : cause;
  }
}
