import type { ModelDetail, Version } from '../../api/models.ts';
import { runColour } from '../shell/colour.ts';
import { bytes, percent, when } from '../shell/format.ts';

interface LineageProps {
  readonly model: ModelDetail;
  readonly version: Version;
}

/** Where a version comes from and where it went: dataset, run, version, gate, alias. */
export function Lineage({ model, version }: LineageProps) {
  const moves = model.events.filter(
    (event) => event.version === version.version && event.kind === 'promoted',
  );
  const last = moves[0];
  const size = version.files.reduce((sum, file) => sum + file.size, 0);
  const digest = version.datasetDigest;
  const gate = last?.judgement ?? null;
  return (
    <ol class="lineage" aria-label={`Lineage of version ${version.version}`}>
      <li>
        <span class="muted">dataset</span>
        {digest === null ? (
          <b>not recorded</b>
        ) : (
          <>
            <a href={`/data?dataset=${digest}`}>{model.datasets[digest]}</a>
            <code>{digest.slice(0, 12)}</code>
          </>
        )}
      </li>
      <li>
        <span class="muted">run</span>
        <a href={`/runs/${version.runId}`}>
          <i class="swatch" style={{ background: runColour(version.runId) }} />
          {version.runName}
        </a>
        <small>{percent(version.accuracy)} on test</small>
      </li>
      <li>
        <span class="muted">version</span>
        <b>
          {model.name} {version.version}
        </b>
        <code>{version.filesSha256.slice(0, 12)}</code>
        <small>
          {version.files.length} files, {bytes(size)}
        </small>
      </li>
      <li class={gate === null ? 'absent' : gate.passed ? 'passed' : 'failed'}>
        <span class="muted">gate</span>
        {gate === null ? (
          <b>never promoted</b>
        ) : (
          <>
            <a href={`#event-${last!.seq}`}>{gate.gate.file}</a>
            <code>{gate.gate.sha256.slice(0, 12)}</code>
            <small>{gate.passed ? 'passed' : `overridden by ${last!.by}`}</small>
          </>
        )}
      </li>
      <li class={version.aliases.length === 0 ? 'absent' : ''}>
        <span class="muted">alias</span>
        <b>{version.aliases.join(', ') || 'none now'}</b>
        {last && <small>{when(last.at)}</small>}
      </li>
    </ol>
  );
}
