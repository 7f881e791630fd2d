import './models.css';
import type { Model, ModelList } from '../../api/models.ts';
import { percent, when } from '../shell/format.ts';
import { VerifyChain } from './verify.tsx';
import { useAnswer } from '../shell/api.ts';
import { listVersion } from '../shell/live.ts';

function Row({ model }: { model: Model }) {
  const address = `/models/${encodeURIComponent(model.name)}`;
  const newest = model.versions[0];
  const aliases = Object.entries(model.aliases);
  return (
    <tr>
      <th scope="row">
        <a href={address}>{model.name}</a>
      </th>
      <td>
        {aliases.length === 0 && <span class="muted">none</span>}
        {aliases.map(([alias, version]) => (
          <span key={alias} class="alias">
            {alias} <b>{version}</b>
          </span>
        ))}
      </td>
      <td class="number">{model.versions.length}</td>
      <td>{newest ? `${newest.version}, of ${newest.runName}` : '–'}</td>
      <td class="number">{percent(newest?.accuracy)}</td>
      <td>{newest ? when(newest.createdAt) : '–'}</td>
    </tr>
  );
}

/** `/models`: every registered model. */
export function ModelsView() {
  const { data, problem } = useAnswer<ModelList>('/api/models', listVersion.value);
  document.title = 'Models · Atelier';
  return (
    <article>
      <header class="title">
        <h1>Models</h1>
        <span class="muted">versions, and who holds which name</span>
      </header>
      {problem && <p class="notice bad">{problem.message}</p>}
      {data === undefined && !problem && <p class="quiet">Reading the registry…</p>}
      {data?.models.length === 0 && (
        <div class="empty">
          <h2>No model yet</h2>
          <p>Register the files of a run as the first version of a model:</p>
          <pre>npx nx run tracker:registry register fashion --run=1</pre>
        </div>
      )}
      {data && data.models.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Models, table">
          <table>
            <thead>
              <tr>
                <th scope="col">model</th>
                <th scope="col">aliases</th>
                <th scope="col" class="number">
                  versions
                </th>
                <th scope="col">newest</th>
                <th scope="col" class="number">
                  test accuracy
                </th>
                <th scope="col">registered</th>
              </tr>
            </thead>
            <tbody>
              {data.models.map((model) => (
                <Row key={model.name} model={model} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {data && data.models.length > 0 && <VerifyChain />}
    </article>
  );
}
