import { own } from '../../api/own.ts';
import type { Families, Family } from '../../api/runs.ts';
import { RunLink } from '../shell/run-name.tsx';
import { useAnswer } from '../shell/api.ts';
import { listVersion } from '../shell/live.ts';
import { spread } from './run-columns.tsx';

const METRICS = ['val/accuracy', 'test/accuracy', 'val/loss', 'test/macroF1'];

function FamilyRow({ family }: { family: Family }) {
  const ids = family.runs.map(({ id }) => id);
  return (
    <tr>
      <th scope="row">
        <RunLink run={family.runs[0] ?? { id: 0, name: family.name }} />
      </th>
      <td>{family.project}</td>
      <td class="number">
        <a href={`/compare?runs=${ids.slice(0, 20).join()}`}>{ids.length} seeds</a>
      </td>
      {METRICS.map((name) => {
        const found = own(family.metrics, name);
        return (
          <td key={name} class="number">
            {found ? spread(name, found) : '–'}
          </td>
        );
      })}
    </tr>
  );
}

/** Runs that differ in nothing but seeds, each family in one line. */
export function RunFamilies() {
  const { data, problem } = useAnswer<Families>('/api/runs/families', listVersion.value);
  if (problem) return <p class="notice">{problem.message}</p>;
  if (data === undefined) return <p class="quiet">Reading the runs…</p>;
  if (data.families.length === 0) {
    return <p class="quiet">No two finished runs differ in nothing but their seeds yet.</p>;
  }
  return (
    <>
      <p class="key">
        Mean over seeds, ± half of the 95 % interval of the mean; at most 100 families, the newest first.
      </p>
      <div class="scroll">
        <table>
          <caption class="hidden">Seed families</caption>
          <thead>
            <tr>
              <th scope="col">newest run</th>
              <th scope="col">project</th>
              <th scope="col" class="number">
                compare
              </th>
              {METRICS.map((name) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.families.map((family) => (
              <FamilyRow key={`${family.family} ${family.runs[0]?.id}`} family={family} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
