import type { Evaluation, Scores } from '../../api/schema.ts';
import { percent } from '../shell/format.ts';

const COLUMNS = ['precision', 'recall', 'f1'] as const;

function ScoreCell({ value }: { value: number | null }) {
  return (
    <td class="number bar" style={{ '--share': String(value ?? 0) }}>
      <span>{percent(value, 1)}</span>
    </td>
  );
}

function Row({ name, scores }: { name: string; scores: Scores }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      {COLUMNS.map((column) => (
        <ScoreCell key={column} value={scores[column]} />
      ))}
      <td class="number">{scores.support.toLocaleString('en')}</td>
    </tr>
  );
}

/** Precision, recall and F1 of each class, with bars, and their averages. */
export function Report({ evaluation }: { evaluation: Evaluation }) {
  return (
    <div class="scroll" tabIndex={0}>
      <table class="report">
        <caption class="hidden">Classification report</caption>
        <thead>
          <tr>
            <th scope="col">class</th>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" class="number">
                {column === 'f1' ? 'F1' : column}
              </th>
            ))}
            <th scope="col" class="number">
              images
            </th>
          </tr>
        </thead>
        <tbody>
          {evaluation.perClass.map((scores, index) => (
            <Row key={index} name={evaluation.classNames[index] ?? String(index)} scores={scores} />
          ))}
        </tbody>
        <tfoot>
          <Row name="macro average" scores={evaluation.macro} />
          <Row name="weighted average" scores={evaluation.weighted} />
        </tfoot>
      </table>
    </div>
  );
}
