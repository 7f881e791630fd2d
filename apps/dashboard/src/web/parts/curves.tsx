import { useMemo } from 'preact/hooks';
import type { Curves as CurveSet, RunRow } from '../../api/schema.ts';
import { runColour } from '../colour.ts';
import { metric } from '../format.ts';
import { param } from '../state/url.ts';
import { Chart } from './chart.tsx';
import { Choice } from './choice.tsx';
import { pointsOf, stepsPerEpoch, type Line, type XAxis } from './series.ts';

type Named = Pick<RunRow, 'id' | 'name'>;

function linesOf(runs: readonly Named[], curves: ReadonlyMap<number, CurveSet>, name: string): Line[] {
  return runs
    .flatMap((run) => {
      const set = curves.get(run.id);
      return (['train', 'val'] as const).map((kind): Line => {
        const split = kind === 'train' ? 'train' : 'validation';
        return {
          id: run.id,
          kind,
          label: runs.length === 1 ? split : `${run.name} ${split}`,
          colour: runColour(run.id),
          points: pointsOf(set, `${kind}/${name}`),
          stepsPerEpoch: stepsPerEpoch(set),
        };
      });
    })
    .filter((line) => line.points.length > 0);
}

/** What the canvas shows, in numbers: one row per epoch. */
function EpochTable({ runs, curves }: { runs: readonly Named[]; curves: ReadonlyMap<number, CurveSet> }) {
  const names = ['train/loss', 'val/loss', 'train/accuracy', 'val/accuracy'];
  return (
    <details>
      <summary>Values by epoch</summary>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>run</th>
              <th class="number">epoch</th>
              {names.map((name) => (
                <th key={name} class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.flatMap((run) =>
              pointsOf(curves.get(run.id), 'val/loss').map(({ epoch, step }) => (
                <tr key={`${run.id}/${step}`}>
                  <td>{run.name}</td>
                  <td class="number">{epoch ?? step}</td>
                  {names.map((name) => (
                    <td key={name} class="number">
                      {metric(
                        name,
                        pointsOf(curves.get(run.id), name).findLast((point) => point.step <= step)?.value,
                      )}
                    </td>
                  ))}
                </tr>
              )),
            )}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** Loss and accuracy, training dashed and validation solid, of one run or many. */
export function Curves({ runs, curves }: { runs: readonly Named[]; curves: ReadonlyMap<number, CurveSet> }) {
  const axis = param('x', 'epoch') as XAxis;
  const smoothing = Number(param('smooth', '0.9'));
  const wanted = runs.map((run) => run.id).join();
  const loss = useMemo(() => linesOf(runs, curves, 'loss'), [wanted, curves]);
  const accuracy = useMemo(() => linesOf(runs, curves, 'accuracy'), [wanted, curves]);
  return (
    <section aria-labelledby="curves">
      <header>
        <h2 id="curves">Curves</h2>
        <Choice
          name="x"
          label="Horizontal axis"
          fallback="epoch"
          options={[
            ['epoch', 'epoch'],
            ['step', 'step'],
          ]}
        />
        <Choice
          name="smooth"
          label="Smoothing of the training curves"
          fallback="0.9"
          options={[
            ['0', 'raw'],
            ['0.9', 'smooth'],
            ['0.98', 'smoother'],
          ]}
        />
      </header>
      {loss.length + accuracy.length === 0 ? (
        <p class="quiet">No point was recorded yet.</p>
      ) : (
        <>
          <div class="pair">
            <Chart title="Loss" name="loss" lines={loss} axis={axis} smoothing={smoothing} />
            <Chart title="Accuracy" name="accuracy" lines={accuracy} axis={axis} smoothing={smoothing} />
          </div>
          <EpochTable runs={runs} curves={curves} />
        </>
      )}
    </section>
  );
}
