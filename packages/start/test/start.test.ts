import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { STARTER } from '../src/index.ts';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));

/** A command of two files inside this package, where commands stand; gone after the test. */
function makeCommand(answer: string): { folder: string; main: string } {
  mkdirSync(DIST, { recursive: true });
  const folder = mkdtempSync(join(DIST, 'command-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'answer.ts'), `export const answer: string = ${JSON.stringify(answer)};\n`);
  writeFileSync(
    join(folder, 'main.ts'),
    `import { answer } from './answer.ts';
     console.log(JSON.stringify([answer, process.argv.slice(1), import.meta.url, import.meta.dirname]));
     if (process.argv[2] === 'fail') throw new Error('told to');\n`,
  );
  return { folder, main: join(folder, 'main.ts') };
}

function start(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [STARTER, ...args], { encoding: 'utf8' });
  return { status, stderr, said: stdout === '' ? undefined : (JSON.parse(stdout) as unknown[]) };
}

function bundleOf(folder: string): string {
  const commands = join(DIST, 'commands');
  const own = readdirSync(commands).filter((file) =>
    file.includes(folder.slice(folder.lastIndexOf('command-'))),
  );
  onTestFinished(() => own.forEach((file) => rmSync(join(commands, file), { force: true })));
  return join(
    commands,
    own.find((file) => file.endsWith('.cjs'))!,
  );
}

describe('start.mjs', () => {
  it('runs a TypeScript file as if node had been started with it', () => {
    const { folder, main } = makeCommand('one');
    const { status, said } = start(main, 'ls', '--limit=3');
    expect(status).toBe(0);
    expect(said).toEqual(['one', [main, 'ls', '--limit=3'], new URL(`file://${main}`).href, dirname(main)]);
    expect(readFileSync(bundleOf(folder), 'utf8')).toContain('"one"');
  });

  it('sees that a file it is made of has changed', () => {
    const { folder, main } = makeCommand('one');
    start(main);
    const bundle = bundleOf(folder);
    const before = readFileSync(bundle, 'utf8');
    expect(start(main).said![0]).toBe('one');
    expect(readFileSync(bundle, 'utf8')).toBe(before);
    writeFileSync(join(folder, 'answer.ts'), `export const answer = 'another';\n`);
    expect(start(main).said![0]).toBe('another');
  });

  it('keeps what was compiled, and makes it anew where it is of no use', () => {
    const { folder, main } = makeCommand('one');
    start(main);
    const code = `${bundleOf(folder)}.code`;
    const whole = readFileSync(code);
    expect(whole.length).toBeGreaterThan(1000);
    // of another bundle; with one byte changed; cut short
    const changed = Buffer.from(whole);
    changed[900]! ^= 1;
    for (const useless of [Buffer.from(whole).fill(0, 0, 32), changed, whole.subarray(0, 500)]) {
      writeFileSync(code, useless);
      expect(start(main)).toMatchObject({ status: 0, stderr: '' });
      expect(readFileSync(code).equals(useless)).toBe(false);
    }
  });

  it('makes anew a bundle that was cut short', () => {
    const { folder, main } = makeCommand('whole');
    start(main);
    const bundle = bundleOf(folder);
    for (const left of [0, 10, 300, -1]) {
      writeFileSync(bundle, readFileSync(bundle).subarray(0, left));
      expect(start(main)).toMatchObject({ status: 0, said: expect.arrayContaining(['whole']) });
    }
  });

  it('makes anew what another checkout left, whose paths stand in it', () => {
    const { folder, main } = makeCommand('one');
    start(main);
    const bundle = bundleOf(folder);
    const [head, ...rest] = readFileSync(bundle, 'utf8').split('\n');
    const elsewhere = JSON.stringify({ ...JSON.parse(head!.slice(3)), root: '/elsewhere' });
    const text = rest.join('\n').replace('"one"', '"two"');
    writeFileSync(bundle, `// ${elsewhere}\n${text}`);
    expect(start(main).said![0]).toBe('one');
    expect(readFileSync(bundle, 'utf8')).not.toContain('/elsewhere');
  });

  it('names the sources in stack traces with --debug', () => {
    const { main } = makeCommand('one');
    const { status, stderr } = start(main, 'fail', '--debug');
    expect(status).toBe(1);
    expect(stderr).toContain(`${main}:3`);
  });

  it('tells a mistake in a source, and a file that is not there', () => {
    const { folder, main } = makeCommand('one');
    writeFileSync(join(folder, 'answer.ts'), 'export const answer: string = ;\n');
    const { status, stderr } = start(main);
    expect(status).toBe(1);
    expect(stderr).toContain('answer.ts');
    expect(start(join(folder, 'none.ts')).stderr).toContain('none.ts');
    expect(start()).toMatchObject({ status: 2, stderr: expect.stringContaining('src/main.ts') });
  });
});
