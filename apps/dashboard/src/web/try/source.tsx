import { useEffect, useRef, useState } from 'preact/hooks';
import type { SamplePage } from '../../api/schema.ts';
import type { Candidate } from '../../api/try.ts';
import { ask } from '../shell/api.ts';
import { param, setParams } from '../shell/url.ts';
import { Pad } from './pad.tsx';
import { fileImage, inverted, painted, SIDE, storedImage, type Pixels } from './images.ts';

/** The picture before the sliders; `sample` and `truth` where it is a stored one. */
export interface Source {
  readonly pixels: Pixels | undefined;
  readonly sample: number | undefined;
  readonly truth: number | undefined;
  readonly problem: string | undefined;
}

interface Held {
  readonly pixels?: Pixels;
  readonly truth?: number;
  readonly problem?: string;
}

/** Where a run's ledger says what it answered for a test image. */
export function samplePath({ runId }: Candidate, sample: number): string {
  return `/api/runs/${runId}/samples?split=test&kind=all&order=index&offset=${sample}&limit=1`;
}

/** The stored sample that the address names, with its label. */
export function useSample(candidate: Candidate | undefined, sample: number | undefined): Held {
  const [held, hold] = useState<Held>({});
  useEffect(() => {
    if (candidate?.datasetDigest == null || sample === undefined) return undefined;
    let current = true;
    const load = async (): Promise<Held> => {
      const pixels = await storedImage(`/api/datasets/${candidate.datasetDigest}/test/${sample}`);
      const { data } = await ask<SamplePage>(samplePath(candidate, sample));
      const found = data?.samples.find(({ index }) => index === sample);
      return { pixels, ...(found && { truth: found.true }) };
    };
    load().then(
      (found) => current && hold(found),
      (error: Error) => current && hold({ problem: error.message }),
    );
    return () => {
      current = false;
    };
  }, [candidate?.key, sample]);
  return held;
}

interface SourceProps {
  readonly shown: Pixels;
  readonly base: Pixels;
  readonly sample: number | undefined;
  readonly samples: number;
  readonly onOwn: (pixels: Pixels) => void;
}

function SamplePicker({ sample, samples }: { sample: number | undefined; samples: number }) {
  const go = (to: number) =>
    setParams({
      sample: String(Math.min(samples - 1, Math.max(0, Math.trunc(to) || 0))),
      own: null,
      right: null,
    });
  return (
    <p class="try-row">
      <label for="sample">Test sample</label>
      <input
        id="sample"
        type="number"
        min={0}
        max={samples - 1}
        value={sample ?? ''}
        onChange={(event) => go(Number(event.currentTarget.value))}
      />
      <button type="button" class="plain" aria-label="Previous sample" onClick={() => go((sample ?? 1) - 1)}>
        ←
      </button>
      <button type="button" class="plain" aria-label="Next sample" onClick={() => go((sample ?? -1) + 1)}>
        →
      </button>
      <button type="button" class="plain" onClick={() => go(Math.random() * samples)}>
        any
      </button>
    </p>
  );
}

/** Draw, drop, paste or pick. */
export function SourcePicker({ shown, base, sample, samples, onOwn }: SourceProps) {
  const [problem, setProblem] = useState<string>();
  const [erasing, setErasing] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const drawn = useRef(base);
  drawn.current = base;
  const take = (found: File | null | undefined) => {
    if (found == null) return setProblem('Nothing was dropped that is a file.');
    setProblem(undefined);
    return void fileImage(found).then(onOwn, (error: Error) => setProblem(error.message));
  };
  return (
    <section
      class="try-source"
      aria-label="The image"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        take(event.dataTransfer?.files[0]);
      }}
    >
      <Pad
        pixels={shown}
        erasing={erasing}
        onStroke={(x, y, erase) => {
          drawn.current = painted(drawn.current, x, y, erase);
          onOwn(drawn.current);
        }}
      />
      {samples > 0 && <SamplePicker sample={sample} samples={samples} />}
      <p class="try-row">
        <button type="button" class="plain" onClick={() => onOwn(new Float32Array(SIDE * SIDE))}>
          blank
        </button>
        <button type="button" class="plain" aria-pressed={erasing} onClick={() => setErasing(!erasing)}>
          rubber
        </button>
        <button type="button" class="plain" onClick={() => onOwn(inverted(base))}>
          invert
        </button>
        <button type="button" class="plain" onClick={() => file.current!.click()}>
          open an image…
        </button>
        <input
          ref={file}
          class="hidden"
          tabIndex={-1}
          type="file"
          aria-label="Image file"
          onChange={(event) => {
            take(event.currentTarget.files?.[0]);
            event.currentTarget.value = '';
          }}
        />
      </p>
      {problem && (
        <p class="notice bad" role="alert">
          {problem}
        </p>
      )}
      <p class="muted">
        Draw on the image, drop a file of any size on it, or pick a sample. Fashion-MNIST is light on black:
        invert a photograph on white. Nothing leaves this page.
      </p>
    </section>
  );
}

/** Number of the sample in the address. */
export function sampleOf(): number | undefined {
  const text = param('sample', '0');
  return /^\d{1,8}$/.test(text) ? Number(text) : undefined;
}
