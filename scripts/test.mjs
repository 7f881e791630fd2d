import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { setUp } from './setup.mjs';
import { ROOT, atelier, elapsed, npm } from './shell.mjs';

const CHROMIUM = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path && existsSync(path));

/** Every project leaves its results in dist/<target>-results.json. */
function resultFiles() {
  return ['packages', 'apps'].flatMap((group) =>
    readdirSync(resolve(ROOT, group)).flatMap((project) => {
      const folder = resolve(ROOT, group, project, 'dist');
      if (!existsSync(folder)) return [];
      return readdirSync(folder)
        .filter((name) => name.endsWith('-results.json'))
        .map((name) => resolve(folder, name));
    }),
  );
}

/** What failed in a results file, a name and the first line of its complaint each. */
function failuresOf(result) {
  const { testResults = [] } = result; // conformance only counts
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed');
    const firstLine = (text) => (text ?? '').split('\n')[0];
    if (failed.length === 0)
      return status === 'failed' ? [`${relative(ROOT, name)}: ${firstLine(message)}`] : [];
    return failed.map(
      (test) => `${relative(ROOT, name)} > ${test.fullName}: ${firstLine(test.failureMessages[0])}`,
    );
  });
}

function countTests() {
  const sum = { passed: 0, failed: 0, skipped: 0, failures: [] };
  for (const file of resultFiles()) {
    const result = JSON.parse(readFileSync(file, 'utf8'));
    sum.failures.push(...failuresOf(result));
    sum.passed += result.numPassedTests;
    // a file that does not even load counts as one failed test
    sum.failed += Math.max(result.numFailedTests, result.success ? 0 : 1);
    sum.skipped += result.numPendingTests + result.numTodoTests;
  }
  return sum;
}

async function main() {
  const start = performance.now();
  console.log(`Set-up: ${await setUp()}`);
  if ((await atelier('engine', 'install-onednn')) !== 0) {
    console.log('The native engine cannot be built here (see above), so its tests are not part of this run.');
  }
  for (const file of resultFiles()) rmSync(file);

  const targets = ['lint', 'typecheck', 'test', 'conformance'];
  if (CHROMIUM) targets.push('e2e');
  else {
    console.log(
      'No Chromium or Chrome found, so the browser tests (nx run dashboard:e2e) are not part of this run. ' +
        'Debian and Ubuntu: apt-get install chromium; or set CHROMIUM_PATH.',
    );
  }
  const nx = ['exec', '--', 'nx', 'run-many', '-t', ...targets, '--parallel=2', '--output-style=static'];
  const code = await npm(nx, {
    env: { NX_USE_LOCAL: 'true', ...(CHROMIUM ? { CHROMIUM_PATH: CHROMIUM } : {}) },
  });

  const { passed, failed, skipped, failures: named } = countTests();
  console.log(`\nTests, lint and types took ${elapsed(start)}.`);
  for (const name of named) console.log(`failed: ${name}`);
  if (code !== 0 && failed === 0) console.log('Lint, types or a crashed test run failed: see above.');
  const failures = code === 0 ? failed : Math.max(failed, 1);
  console.log(`${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = code === 0 && failures === 0 && passed > 0 ? 0 : 1;
}

main().catch((error) => {
  console.error(`error: ${error.message}`);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
