/** A terminal's Ctrl-C can arrive twice, from the terminal and from the wrapper that started us. */
const ECHO_MS = 500;

/** Exit codes by convention: 128 + the signal's number. */
export const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof EXIT_CODES;
export const STOP_SIGNALS = Object.keys(EXIT_CODES) as readonly StopSignal[];

/** From here on a terminal or a pipe that closes (`| head`) ends nothing: what happens is recorded. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.removeAllListeners('error').on('error', () => {});
}

/** Watches for Ctrl-C, SIGTERM, SIGQUIT and a terminal that closes while in scope. */
export interface Interrupt extends Disposable {
  /** Aborted by the first signal; the second ends the process. */
  readonly signal: AbortSignal;
  /** Of the signal that came. */
  readonly received: StopSignal | undefined;
  /** The exit code the received signal asks for. */
  readonly exitCode: number;
}

/** @param onFirst called once, to say what happens next */
export function watchInterrupts(onFirst: (signal: StopSignal) => void): Interrupt {
  const controller = new AbortController();
  let received: StopSignal | undefined;
  let firstAt = 0;
  const onSignal = (signal: StopSignal): void => {
    if (received !== undefined) {
      if (performance.now() - firstAt > ECHO_MS) process.exit(EXIT_CODES[signal]);
      return;
    }
    received = signal;
    firstAt = performance.now();
    controller.abort();
    onFirst(signal);
  };
  for (const name of STOP_SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    get received() {
      return received;
    },
    get exitCode() {
      return received === undefined ? 0 : EXIT_CODES[received];
    },
    [Symbol.dispose]: () => STOP_SIGNALS.forEach((name) => process.off(name, onSignal)),
  };
}
