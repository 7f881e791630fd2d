import type { Model, Models } from '../../api/models.ts';
import { metric, when } from '../format.ts';
import { Aliases } from '../parts/model-parts.tsx';
import { useAnswer } from '../state/api.ts';
import { listVersion } from '../state/live.ts';
import '../styles/models.css';

function Row({ model }: { model: Model }) {
  const [newest] = model.versions;
  const accuracy = newest?.metrics['test/accuracy'];
  return (
    <tr>
      <th scope="row">
        <a href={`/models/${encodeURIComponent(model.name)}`}>{model.name}</a>
      </th>
      <td>
        <Aliases aliases={Object.entries(model.aliases)} />
      </td>
      <td class="number">{model.versions.length}</td>
      <td class="number">{newest === undefined ? '–' : metric('test/accuracy', accuracy)}</td>
      <td>{newest === undefined ? '–' : when(newest.createdAt)}</td>
    </tr>
  );
}

/** Registered models, and which version each alias names. */
export function ModelsView() {
  const { data, problem } = useAnswer<Models>('/api/models', listVersion.value);
  document.title = 'Models · Atelier';
  if (problem) return <p class="notice">{problem.message}</p>;
  if (data === undefined) return <p class="quiet">Reading the registry…</p>;
  if (data.models.length === 0) {
    return (
      <section class="empty">
        <h1>No model is registered yet</h1>
        <p>Register a finished run under a name; then promote its version through a gate.</p>
        <pre>npx atelier registry register 7 --model=fashion</pre>
      </section>
    );
  }
  return (
    <>
      <header class="tools">
        <h1>Models</h1>
      </header>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">model</th>
              <th scope="col">aliases</th>
              <th scope="col" class="number">
                versions
              </th>
              <th scope="col" class="number">
                newest, test accuracy
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
    </>
  );
}
