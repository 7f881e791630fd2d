import { useState } from 'preact/hooks';
import type { CurveAxis } from '../../api/curves.ts';
import { metric } from '../shell/format.ts';
import { tablePlaces, valueAt } from './curve-places.ts';
import type { PlotLine, Range } from './scene.ts';

const MOST_LINES = 12;

interface CurveTableProps {
  readonly title: string;
  readonly lines: readonly PlotLine[];
  readonly axis: CurveAxis;
  readonly zoom: Range | null;
  readonly formatX: (value: number) => string;
  /** Decides how the values are written. */
  readonly name: string;
}

function Values({ title, lines, axis, zoom, formatX, name }: CurveTableProps) {
  const shown = lines.slice(0, MOST_LINES);
  const tell = (value: number | null | undefined): string =>
    value === null ? 'not finite' : metric(name, value);
  return (
    <div class="scroll curve-table" tabIndex={0} role="region" aria-label={`Values of ${title} by ${axis}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">{axis}</th>
            {shown.map(({ id, label }) => (
              <th key={id} scope="col" class="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {tablePlaces(shown, axis, zoom).map((place) => (
            <tr key={place}>
              <th scope="row">{formatX(place)}</th>
              {shown.map((line) => (
                <td key={line.id} class="number">
                  {tell(valueAt(line, place))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {lines.length > MOST_LINES && (
        <p class="muted">
          The first {MOST_LINES} of {lines.length} lines.
        </p>
      )}
    </div>
  );
}

/** What a chart draws, in numbers: as they were recorded, also where the line is smoothed. Made when it is opened. */
export function CurveTable(props: CurveTableProps) {
  const [isOpen, open] = useState(false);
  return (
    <details onToggle={(event) => open(event.currentTarget.open)}>
      <summary>
        Values by {props.axis}
        <span class="hidden"> of {props.title}</span>
      </summary>
      {isOpen && <Values {...props} />}
    </details>
  );
}
