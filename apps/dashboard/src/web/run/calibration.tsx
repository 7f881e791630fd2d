import './quality.css';
import type { Calibration, CalibrationBin } from '../../api/quality.ts';
import { decimal, percent } from '../shell/format.ts';
import { toX, toY, UnitSquare } from './unit-square.tsx';

function Bin({ bin, most }: { bin: CalibrationBin; most: number }) {
  const { low, high, count, accuracy, confidence, interval } = bin;
  if (accuracy === null || confidence === null) return null;
  const middle = toX(confidence);
  const words = `${percent(low, 0)} to ${percent(high, 0)} sure: ${percent(accuracy, 1)} of ${count} right`;
  return (
    <g>
      <title>{words}</title>
      <rect
        class={accuracy >= confidence ? 'modest' : 'bold'}
        x={toX(low) + 0.5}
        width={toX(high) - toX(low) - 1}
        y={toY(accuracy)}
        height={toY(0) - toY(accuracy)}
      />
      {interval[0] !== null && interval[1] !== null && (
        <path class="whisker" d={`M${middle} ${toY(interval[0])}V${toY(interval[1])}`} />
      )}
      <circle cx={middle} cy={toY(accuracy)} r={1.5 + 3 * Math.sqrt(count / most)} />
    </g>
  );
}

/** What the numbers say, in a sentence. */
function reading({ temperature, ece }: Calibration): string {
  if (temperature === null)
    return 'No temperature: this checkpoint has no validation predictions to fit it on.';
  const { value, on } = temperature;
  const way =
    value > 1.02
      ? 'surer of itself than it is right'
      : value < 0.98
        ? 'less sure of itself than it is right'
        : 'about as sure as it is right';
  return `The model is ${way}: temperature ${value.toFixed(2)}, fitted on ${on === 'val' ? 'validation' : on}, takes the ECE from ${percent(ece)} to ${percent(temperature.ece)}.`;
}

function Figures({ calibration }: { calibration: Calibration }) {
  const { ece, mce, adaptiveEce, brier, temperature } = calibration;
  const rows: [string, string, string][] = [
    ['expected calibration error', percent(ece), percent(temperature?.ece)],
    ['Brier score (0 to 2)', decimal(brier), decimal(temperature?.brier)],
    ['ECE, bins of equal count', percent(adaptiveEce), '–'],
    ['largest error of a bin', percent(mce), '–'],
  ];
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">measure</th>
          <th scope="col" class="number">
            as is
          </th>
          <th scope="col" class="number">
            tempered
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, before, after]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="number">{before}</td>
            <td class="number">{after}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Of the answers given with 90 % confidence, are nine of ten right? */
export function CalibrationPanel({ calibration }: { calibration: Calibration }) {
  const most = Math.max(1, ...calibration.bins.map(({ count }) => count));
  const filled = calibration.bins.filter(({ count }) => count > 0);
  const label = `Calibration: ${filled.map((bin) => `${percent(bin.confidence, 0)} sure, ${percent(bin.accuracy, 0)} right`).join('; ')}`;
  return (
    <section aria-labelledby="calibration">
      <header>
        <h2 id="calibration">Calibration</h2>
      </header>
      <div class="square-with-text">
        <UnitSquare label={label} x="confidence" y="share that is right" diagonal>
          {calibration.bins.map((bin) => (
            <Bin key={bin.low} bin={bin} most={most} />
          ))}
        </UnitSquare>
        <div>
          <p>{reading(calibration)}</p>
          <Figures calibration={calibration} />
          <p class="muted">
            Bars below the diagonal: too sure. Whiskers: 95 % intervals; dots grow with the number of images.
          </p>
        </div>
      </div>
    </section>
  );
}
