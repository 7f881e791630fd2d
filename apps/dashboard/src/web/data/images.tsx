import type { DatasetSummary, Suspect } from '../../api/data.ts';
import { percent } from '../shell/format.ts';

/** As the server lays its sheets out. */
const SHEET_COLUMNS = 12;

/** Images of one split, each behind its own place of one sheet. */
export function Strip({
  dataset,
  split,
  positions,
  label,
  tile = 44,
}: {
  dataset: DatasetSummary;
  split: string;
  positions: readonly number[];
  label: string;
  tile?: number;
}) {
  const rows = Math.ceil(positions.length / SHEET_COLUMNS);
  const columns = Math.min(SHEET_COLUMNS, positions.length);
  if (positions.length === 0) return <span class="muted">none</span>;
  return (
    <img
      class="sheet"
      loading="lazy"
      width={columns * tile}
      height={rows * tile}
      alt={label}
      src={`/api/datasets/${dataset.digest}/${split}/sheet.png?i=${positions.join()}`}
    />
  );
}

interface SuspectsProps {
  readonly dataset: DatasetSummary;
  readonly split: string;
  readonly runs: number;
  readonly suspects: readonly Suspect[];
}

/** Samples with their label and what the runs say instead; each leads to the page that puts it to models. */
export function Suspects({ dataset, split, runs, suspects }: SuspectsProps) {
  return (
    <ul class="suspects">
      {suspects.map(({ index, label, answer, missed, answerProbability, labelProbability }) => {
        const [own, other] = [dataset.classNames[label], dataset.classNames[answer]];
        const inner = (
          <>
            {dataset.hasImages && (
              <img
                loading="lazy"
                width={84}
                height={84}
                alt=""
                src={`/api/datasets/${dataset.digest}/${split}/${index}`}
              />
            )}
            <span>{own}</span>
            <span class="answer wrong">→ {other}</span>
            <small class="muted">
              {missed} of {runs} runs
              <br />
              {percent(answerProbability, 0)} vs {percent(labelProbability, 0)}
            </small>
          </>
        );
        const says = `${split} sample ${index}, labelled ${own}, said to be ${other}: ${missed} of ${runs} runs wrong`;
        return (
          <li key={index}>
            {split === 'test' ? (
              <a href={`/try?sample=${index}`} aria-label={says}>
                {inner}
              </a>
            ) : (
              <div>{inner}</div>
            )}
          </li>
        );
      })}
    </ul>
  );
}
