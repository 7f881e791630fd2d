import cliProgress from 'cli-progress';

/** A progress bar that a terminal redraws and a log file gets as a line now and then. */
export interface Progress {
  /** `fields` fill the `{name}` places of the format. */
  update(done: number, fields?: Readonly<Record<string, string>>): void;
  /** Prints a line above the bar. */
  print(line: string): void;
  stop(): void;
}

/**
 * @param format cli-progress placeholders: `{bar} {percentage} {value} {total} {eta_formatted}` and own fields.
 * @param total the value at which the bar is full.
 */
export function startProgress(
  format: string,
  total: number,
  fields: Readonly<Record<string, string>> = {},
): Progress {
  const terminal = process.stderr.isTTY === true;
  const bar = new cliProgress.SingleBar(
    { format, hideCursor: true, barsize: 24, noTTYOutput: true, notTTYSchedule: 5000, gracefulExit: false },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, 0, { ...fields });
  return {
    update: (done, more = {}) => bar.update(done, { ...more }),
    print(line) {
      if (terminal) process.stderr.write('\r\x1b[K');
      process.stderr.write(`${line}\n`);
    },
    stop: () => bar.stop(),
  };
}
