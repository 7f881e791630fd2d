import { own } from '../../api/own.ts';
import type { SweepAnalysis, SweepDetail } from '../../api/sweep.ts';
import { metric } from '../shell/format.ts';
import { settingText, shortNames } from './scale.ts';

/** The seeds of each configuration together, best mean first. */
export function Configurations({ detail, analysis }: { detail: SweepDetail; analysis: SweepAnalysis }) {
  const { objectives } = detail.sweep;
  const names = shortNames(detail.axes.map(({ path }) => path));
  const spread = (
    name: string,
    { mean, low, high }: SweepAnalysis['configurations'][number]['values'][number],
  ): string =>
    low === null ? metric(name, mean) : `${metric(name, mean)} [${metric(name, low)}, ${metric(name, high)}]`;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of configurations">
      <table class="trials">
        <thead>
          <tr>
            {objectives.map(({ metric: name }) => (
              <th key={name} scope="col" class="number">
                {name}, mean [95 %]
              </th>
            ))}
            {detail.axes.map(({ path }) => (
              <th key={path} scope="col" class="number" title={path}>
                {names.get(path)}
              </th>
            ))}
            <th scope="col" class="number">
              seeds
            </th>
            <th scope="col">trials</th>
          </tr>
        </thead>
        <tbody>
          {analysis.configurations.slice(0, 200).map(({ parameters, numbers, values }) => (
            <tr key={numbers.join()}>
              {objectives.map(({ metric: name }, index) => (
                <td key={name} class="number">
                  {spread(name, values[index]!)}
                </td>
              ))}
              {detail.axes.map(({ path }) => (
                <td key={path} class="number">
                  {own(parameters, path) === undefined ? '–' : settingText(own(parameters, path)!)}
                </td>
              ))}
              <td class="number">{numbers.length}</td>
              <td>{numbers.join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
