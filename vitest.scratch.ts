import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Temporary folders of tests, and of the commands they start, lie in one that goes away with the test run. */
export default function scratch(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-test-'));
  process.env['TMPDIR'] = folder;
  return () => {
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    } catch {
      // a process that a test started is still closing its files: the system's temporary folder is cleared at some time
    }
  };
}
