import { useEffect, useState } from 'preact/hooks';
import type { Candidate } from '../../api/try.ts';
import {
  CHANGES,
  changed,
  occlusions,
  saliency,
  stops,
  type Change,
  type ChangeName,
  type Pixels,
} from './images.ts';

/** What one model says of a picture; the later parts arrive later. */
export interface Said {
  readonly candidate: Candidate;
  readonly probabilities?: number[];
  readonly latency?: number;
  readonly engine?: string;
  readonly fall?: Float32Array;
  /** Probabilities at every stop of each slider, `[stop][class]`. */
  readonly curves?: Partial<Record<ChangeName, number[][]>>;
  readonly problem?: string;
}

const SETTLE_MS = 60;

const argmax = (values: readonly number[]): number => values.indexOf(Math.max(...values));

/** Answers a picture in steps: probabilities, then what counts, then each slider's curve. */
async function* sayAll(
  candidate: Candidate,
  base: Pixels,
  change: Change,
): AsyncGenerator<Omit<Said, 'candidate'>> {
  const { answerTimed, engine, openModel, predict } = await import('./engine.ts');
  const model = await openModel(candidate);
  const shown = changed(base, change);
  const { probabilities, latency } = await answerTimed(model, shown);
  yield { probabilities, latency, engine: await engine() };
  const answer = argmax(probabilities);
  const occluded = await predict(model, occlusions(shown));
  yield {
    fall: saliency(
      probabilities[answer]!,
      occluded.map((row) => row[answer]!),
    ),
  };
  const curves: Partial<Record<ChangeName, number[][]>> = {};
  for (const name of CHANGES) {
    const images = stops(name).map((value) => changed(base, { ...change, [name]: value }));
    curves[name] = await predict(model, images);
    yield { curves: { ...curves } };
  }
}

/** What the chosen models say of a picture, anew whenever it changes; the newest picture always wins. */
export function useAnswers(
  candidates: readonly Candidate[],
  base: Pixels | undefined,
  change: Change,
): readonly Said[] {
  const [said, setSaid] = useState<readonly Said[]>([]);
  const keys = candidates.map(({ key }) => key).join('\n');
  const changes = JSON.stringify(change);
  useEffect(() => {
    let current = true;
    setSaid((old) =>
      candidates.map((candidate) => old.find((of) => of.candidate.key === candidate.key) ?? { candidate }),
    );
    if (base === undefined) return undefined;
    const run = async (candidate: Candidate): Promise<void> => {
      const add = (part: Omit<Said, 'candidate'>) =>
        setSaid((old) => old.map((of) => (of.candidate.key === candidate.key ? { ...of, ...part } : of)));
      try {
        for await (const part of sayAll(candidate, base, change)) {
          if (!current) return;
          add(part);
          // a slider that is being dragged goes first
          await new Promise((resolve) => setTimeout(resolve));
        }
      } catch (error) {
        if (current) add({ problem: (error as Error).message });
      }
    };
    // one after the other: both compute on this thread, and latencies are of one alone
    const all = async (): Promise<void> => {
      for (const candidate of candidates) if (current) await run(candidate);
    };
    const timer = setTimeout(() => void all(), SETTLE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [keys, base, changes]);
  return said;
}
