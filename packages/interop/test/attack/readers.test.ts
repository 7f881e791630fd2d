import { attack, spoiled } from '@atelier/tracker/testing/attack/attack';
import fc from 'fast-check';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { MlflowFilesReader } from '../../src/mlflow/files-reader.ts';
import { parseYaml } from '../../src/mlflow/yaml-reader.ts';
import { toYamlLines } from '../../src/mlflow/yaml-lines.ts';

const yaml = fc
  .dictionary(fc.string({ minLength: 1 }), fc.oneof(fc.string(), fc.integer(), fc.constant(null)))
  .map((values) => Buffer.from(toYamlLines(values)));

attack('YAML of MLflow', spoiled(yaml), (bytes) => {
  try {
    parseYaml(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
  }
});

const meta = spoiled(
  fc.constant(Buffer.from('run_id: aa\nstatus: 3\nstart_time: 1\nend_time: 2\nartifact_uri: "../../.."\n')),
);
const metric = spoiled(fc.constant(Buffer.from('1700000000000 0.5 1\n1700000000001 nan 2\n')));

attack('runs of an MLflow file store', fc.record({ meta, metric }), (files) => {
  const root = mkdtempSync(join(tmpdir(), 'atelier-attack-'));
  const write = (path: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), bytes);
  };
  try {
    write('1/meta.yaml', Buffer.from('experiment_id: "1"\nname: e\n'));
    write('1/aa/meta.yaml', files.meta);
    write('1/aa/metrics/loss', files.metric);
    using reader = new MlflowFilesReader(root);
    for (const { read } of reader.runs()) {
      try {
        const run = read();
        expect(reader.artifacts(run).folder ?? root).toContain(root);
        for (const { points } of reader.curves(run)) expect(points.length).toBeLessThan(10);
      } catch (error) {
        expect(error).toMatchObject({ code: 'IMPORT_RUN' });
      }
    }
  } finally {
    rmSync(root, { recursive: true });
  }
});
