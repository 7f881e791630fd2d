import './models.css';
import { useState } from 'preact/hooks';
import type { ModelDetail, Version } from '../../api/models.ts';
import { runColour } from '../shell/colour.ts';
import { bytes, percent, when } from '../shell/format.ts';
import { Lineage } from './chain.tsx';
import { HeldOn, History } from './history.tsx';
import { Promote, RollBack } from './promote.tsx';
import { VerifyChain } from './verify.tsx';
import { useAnswer } from '../shell/api.ts';
import { listVersion } from '../shell/live.ts';
import { param, setParams } from '../shell/url.ts';
import type { PageProps } from '../shell/pages.ts';

function VersionRow({ version, open }: { version: Version; open: boolean }) {
  const size = version.files.reduce((sum, file) => sum + file.size, 0);
  return (
    <tr class={open ? 'ticked' : ''}>
      <th scope="row">
        <button
          type="button"
          class="plain"
          aria-pressed={open}
          aria-label={`Version ${version.version}`}
          onClick={() => setParams({ version: String(version.version) })}
        >
          {version.version}
        </button>
      </th>
      <td>
        {version.aliases.map((alias) => (
          <span key={alias} class="alias">
            {alias}
          </span>
        ))}
      </td>
      <td>
        <i class="swatch" style={{ background: runColour(version.runId) }} />
        <a href={`/runs/${version.runId}`}>{version.runName}</a>
      </td>
      <td class="number">{percent(version.accuracy)}</td>
      <td class="number">{bytes(size)}</td>
      <td>{when(version.createdAt)}</td>
      <td class="wide">{version.notes}</td>
    </tr>
  );
}

const COLUMNS = ['version', 'aliases', 'run', 'test accuracy', 'size', 'registered', 'notes'];

function Versions({ model, open }: { model: ModelDetail; open: number | undefined }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Versions">
      <table class="runs">
        <thead>
          <tr>
            {COLUMNS.map((name) => (
              <th key={name} scope="col" class={name === 'size' || name === 'test accuracy' ? 'number' : ''}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {model.versions.map((version) => (
            <VersionRow key={version.version} version={version} open={version.version === open} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function OneVersion({ model, version, onMoved }: OneVersionProps) {
  return (
    <>
      <header class="band">
        <h2>Version {version.version}</h2>
        <a href={`/try?a=${encodeURIComponent(`${model.name}@${version.version}`)}`}>try it</a>
      </header>
      <Lineage model={model} version={version} />
      {model.writable ? (
        <Promote key={version.version} model={model} version={version.version} onMoved={onMoved} />
      ) : (
        <p class="muted">This dashboard only reads; promote from the command line.</p>
      )}
    </>
  );
}
interface OneVersionProps {
  readonly model: ModelDetail;
  readonly version: Version;
  readonly onMoved: (says: string) => void;
}

/** `/models/fashion?version=2` */
export function ModelPage({ name: encoded = '' }: PageProps) {
  const [moved, setMoved] = useState({ count: 0, says: '' });
  const name = decode(encoded);
  const { data: model, problem } = useAnswer<ModelDetail>(
    `/api/models/${encodeURIComponent(name)}`,
    listVersion.value * 1000 + moved.count,
  );
  if (problem)
    return (
      <p class="notice">
        {problem.message} <a href="/models">All models</a>
      </p>
    );
  if (model === undefined) return <p class="quiet">Reading the model…</p>;
  document.title = `${model.name} · Atelier`;
  const asked = param('version');
  const champion = Object.values(model.aliases)[0];
  const version =
    asked === null
      ? (model.versions.find((of) => of.version === champion) ?? model.versions[0])
      : model.versions.find((of) => String(of.version) === asked);
  const onMoved = (says: string) => setMoved(({ count }) => ({ count: count + 1, says }));
  return (
    <article>
      <header class="title">
        <h1>{model.name}</h1>
        {Object.entries(model.aliases).map(([alias, holder]) => (
          <span key={alias} class="alias">
            {alias} <b>{holder}</b>
          </span>
        ))}
      </header>
      <p role="status" class={moved.says ? 'sound' : 'hidden'}>
        {moved.says}
      </p>
      <Versions model={model} open={version?.version} />
      {asked !== null && version === undefined && (
        <p class="notice">
          {model.name} has no version “{asked}”.
        </p>
      )}
      {version && <OneVersion model={model} version={version} onMoved={onMoved} />}
      <div class="pair">
        {model.writable && <RollBack model={model} onMoved={onMoved} />}
        <HeldOn model={model} />
      </div>
      <History events={model.events} />
      <VerifyChain />
    </article>
  );
}

/** A name as typed in an address, which may be no valid encoding. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
