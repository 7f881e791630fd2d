import { useEffect, useState } from 'preact/hooks';
import type { DatasetSummary } from '../../api/data.ts';
import { param, setParams } from '../shell/url.ts';
import { changed, SIDE, storedImage, UNCHANGED, type Pixels } from '../try/images.ts';
import { Picture } from '../try/pad.tsx';

const SHOWN = 12;

function flipped(image: Pixels): Pixels {
  return image.map((_, index) => {
    const x = index % SIDE;
    return image[index - x + (SIDE - 1 - x)]!;
  });
}

/** The same values for the same strength: draws spread over -1 .. 1 without chance. */
const spreadOf = (at: number, turn: number): number => ((at * turn) % 1) * 2 - 1;

/** Variant `at` of an image: shifts and turns up to the strengths, flips every second, erases a square of that side. */
function variant(image: Pixels, at: number, strength: Record<string, number>): Pixels {
  const from = strength['flip'] === 1 && at % 2 === 1 ? flipped(image) : image;
  return changed(from, {
    ...UNCHANGED,
    shift: Math.round(spreadOf(at, 0.618034) * strength['shift']!),
    rotate: spreadOf(at, 0.754878) * strength['rotate']!,
    erase: strength['erase']!,
  });
}

const STRENGTHS = [
  ['shift', 'Shift up to', 8, 2, ' px'],
  ['rotate', 'Rotate up to', 45, 10, '°'],
  ['erase', 'Erase', 14, 0, ' px'],
] as const;

/** What plain augmentation would make of one image; computed here, training does not use it. */
export function Augmentation({
  dataset,
  split,
  sample,
}: {
  dataset: DatasetSummary;
  split: string;
  sample: number;
}) {
  const [image, setImage] = useState<Pixels>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let current = true;
    storedImage(`/api/datasets/${dataset.digest}/${split}/${sample}`).then(
      (pixels) => current && setImage(pixels),
      (error: Error) => current && setProblem(error.message),
    );
    return () => {
      current = false;
    };
  }, [dataset.digest, split, sample]);
  const read = (name: string, max: number, fallback: number): number => {
    const value = Number(param(name, String(fallback)));
    return Number.isFinite(value) ? Math.min(max, Math.max(0, value)) : fallback;
  };
  const strength: Record<string, number> = { flip: Number(param('flip', '1') !== '0') };
  for (const [name, , max, fallback] of STRENGTHS) strength[name] = read(name, max, fallback);
  return (
    <section aria-labelledby="augment">
      <header>
        <h2 id="augment">Augmentation</h2>
        <span class="muted">
          a preview computed in this page on {split} sample {sample}; training does not use it
        </span>
      </header>
      <div class="augment-tools">
        {STRENGTHS.map(([name, title, max, , unit]) => (
          <label key={name}>
            {title}{' '}
            <output>
              {strength[name]}
              {unit}
            </output>
            <input
              type="range"
              aria-label={title}
              min={0}
              max={max}
              value={strength[name]}
              onInput={(event) => setParams({ [name]: event.currentTarget.value })}
            />
          </label>
        ))}
        <label>
          <input
            type="checkbox"
            checked={strength['flip'] === 1}
            onChange={(event) => setParams({ flip: event.currentTarget.checked ? null : '0' })}
          />{' '}
          flip every second
        </label>
      </div>
      {problem && <p class="notice">{problem}</p>}
      {image && (
        <div class="variants">
          {Array.from({ length: SHOWN }, (_, at) => (
            <Picture
              key={at}
              pixels={at === 0 ? image : variant(image, at, strength)}
              label={at === 0 ? 'as it is' : `variant ${at}`}
            />
          ))}
        </div>
      )}
    </section>
  );
}
