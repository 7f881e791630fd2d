import type { InteropProgress } from '@atelier/interop';
import { printable } from '../terminal/printable.ts';
import { startProgress } from '../terminal/progress.ts';

/** A bar over the runs that appears when the work takes longer than a second. */
export function interopProgress(): { onProgress: (progress: InteropProgress) => void; stop: () => void } {
  const begun = Date.now();
  let bar: ReturnType<typeof startProgress> | undefined;
  return {
    onProgress({ done, runs, points, name }) {
      if (bar === undefined && Date.now() - begun < 1000) return;
      const fields = { points: points.toLocaleString('en-US'), name: printable(name) };
      bar ??= startProgress('{bar} {value}/{total} runs, {points} points, {name}', runs, fields);
      bar.update(Math.max(0, done), fields);
    },
    stop: () => bar?.stop(),
  };
}
