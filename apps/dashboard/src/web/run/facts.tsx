import type { ComponentChildren } from 'preact';
import type { Layers, RunDetail } from '../../api/schema.ts';
import { bytes, duration } from '../shell/format.ts';
import { useAnswer } from '../shell/api.ts';
import { Dotted } from '../shell/dotted.tsx';
import { GitCommit } from '../shell/run-name.tsx';

function List({ entries }: { entries: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>
            <Dotted name={name} />
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function show(value: string | number | boolean | null | undefined): string {
  return value === null ? 'off' : value === undefined ? '–' : String(value);
}

function LayerTable({ run }: { run: number }) {
  const { data } = useAnswer<Layers>(`/api/runs/${run}/layers`, 0);
  if (data === undefined) return null;
  return (
    <section aria-labelledby="layers">
      <h2 id="layers">Layers</h2>
      <p class="muted">
        {data.params.toLocaleString('en')} parameters,{' '}
        {(data.params - data.trainableParams).toLocaleString('en')} of them not trainable
        {data.flops !== undefined && `; ${data.flops.toLocaleString('en')} FLOPs forward for one image`}
      </p>
      <div class="scroll" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th>layer</th>
              <th>type</th>
              <th>output</th>
              <th class="number">parameters</th>
            </tr>
          </thead>
          <tbody>
            {data.layers.map((layer) => (
              <tr key={layer.name}>
                <td>{layer.name}</td>
                <td>{layer.type}</td>
                <td>{layer.outputShape.map((size) => size ?? 'n').join(' × ')}</td>
                <td class="number">{layer.params.toLocaleString('en')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Artifacts({ run }: { run: RunDetail }) {
  if (run.artifacts.length === 0) return null;
  return (
    <section aria-labelledby="artifacts">
      <h2 id="artifacts">Artifacts</h2>
      <div class="scroll" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th>file</th>
              <th class="number">size</th>
              <th>SHA-256</th>
            </tr>
          </thead>
          <tbody>
            {run.artifacts.map(({ path, size, sha256 }) => (
              <tr key={path}>
                <td>
                  <a
                    download
                    href={`/api/runs/${run.id}/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`}
                  >
                    {path}
                  </a>
                </td>
                <td class="number">{bytes(size)}</td>
                <td>
                  <code title={sha256}>{sha256.slice(0, 12)}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** What the run was: settings, machine, layers, files. */
export function Facts({ run }: { run: RunDetail }) {
  const { engine, machine, node, command } = run.environment;
  return (
    <div class="pair">
      <div>
        <section aria-labelledby="parameters">
          <h2 id="parameters">Parameters</h2>
          <List
            entries={Object.entries(run.parameters).map(([name, value]) => [name, show(value)] as const)}
          />
        </section>
        <section aria-labelledby="environment">
          <h2 id="environment">Environment</h2>
          <List
            entries={[
              [
                'engine',
                `${engine.name} ${engine.version}, ${engine.threads} thread${engine.threads === 1 ? '' : 's'}, ${engine.arithmetic ?? engine.precision}`,
              ],
              [
                'machine',
                `${machine.cpu}, ${machine.cores} cores, ${bytes(machine.memoryBytes)}, ${machine.platform} ${machine.arch}`,
              ],
              ['Node', node],
              ['commit', <GitCommit git={run.git} />],
              ['started', new Date(run.createdAt).toISOString().replace('T', ' ').slice(0, 19)],
              ['took', duration(run.durationMs)],
              ['dataset', <code>{run.datasetDigest?.slice(0, 16) ?? '–'}</code>],
              ['command', <code class="wrap">{command.join(' ')}</code>],
            ]}
          />
        </section>
      </div>
      <div>
        {run.artifacts.some(({ path }) => path === 'layers.json') && <LayerTable run={run.id} />}
        <Artifacts run={run} />
      </div>
    </div>
  );
}
