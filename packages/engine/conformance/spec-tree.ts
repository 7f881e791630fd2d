/** One `it` with everything that runs around it. */
export interface Spec {
  readonly name: string;
  readonly body: SpecBody | undefined;
}

export type SpecBody = (done: Done) => unknown;
export type Done = (() => void) & { fail: (reason?: unknown) => void };

/** One `describe`. */
export interface Suite {
  readonly name: string;
  readonly parts: (Spec | Suite)[];
  readonly before: SpecBody[];
  readonly after: SpecBody[];
  readonly beforeAll: SpecBody[];
  readonly afterAll: SpecBody[];
}

function suite(name: string): Suite {
  return { name, parts: [], before: [], after: [], beforeAll: [], afterAll: [] };
}

function isSuite(part: Spec | Suite): part is Suite {
  return 'parts' in part;
}

/** What happened to one test; no failures means that it passed. */
export interface Outcome {
  readonly name: string;
  readonly failures: readonly string[];
}

/** Where `expect` and `fail` of the running test put what is wrong, and `spyOn` how to undo itself. */
export interface Running {
  failures: string[];
  undo: (() => void)[];
}

const LIMIT_MS = 120_000;

/** The functions that a test file written for Jasmine declares its tests with, and the run itself. */
export class SpecTree {
  readonly running: Running = { failures: [], undo: [] };
  readonly #root = suite('');
  #open = this.#root;

  readonly describe = (name: string, body: () => void): void => {
    const outer = this.#open;
    this.#open = suite(name);
    outer.parts.push(this.#open);
    try {
      body();
    } finally {
      this.#open = outer;
    }
  };

  readonly it = (name: string, body?: SpecBody): void => void this.#open.parts.push({ name, body });
  readonly skip = (): void => undefined;
  readonly beforeEach = (body: SpecBody): void => void this.#open.before.push(body);
  readonly afterEach = (body: SpecBody): void => void this.#open.after.unshift(body);
  readonly beforeAll = (body: SpecBody): void => void this.#open.beforeAll.push(body);
  readonly afterAll = (body: SpecBody): void => void this.#open.afterAll.unshift(body);

  /** Runs the tests that `wanted` accepts, in order. Tests of one name are told apart by a number. */
  async run(wanted: (name: string) => boolean): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const seen = new Map<string, number>();
    const report = (name: string, failures: readonly string[]): void => {
      const count = (seen.get(name) ?? 0) + 1;
      seen.set(name, count);
      outcomes.push({ name: count === 1 ? name : `${name} (${count})`, failures });
    };
    await this.#suite(this.#root, [], wanted, report);
    return outcomes;
  }

  async #suite(
    one: Suite,
    outer: readonly Suite[],
    wanted: (name: string) => boolean,
    report: (name: string, failures: readonly string[]) => void,
  ): Promise<void> {
    const path = [...outer, one];
    const prefix = path.map(({ name }) => name).filter((name) => name !== '');
    if (!this.#names(one, prefix.slice(0, -1)).some(wanted)) return;
    const spies = this.running.undo.length;
    const broken = await this.#all(one.beforeAll);
    for (const part of one.parts) {
      if (isSuite(part)) {
        await this.#suite(part, path, wanted, report);
        continue;
      }
      const name = [...prefix, part.name].join(' ');
      if (!wanted(name)) continue;
      const own = this.running.undo.length;
      const failures = await this.#all([
        ...path.flatMap(({ before }) => before),
        ...(part.body ? [part.body] : []),
        ...path.toReversed().flatMap(({ after }) => after),
      ]);
      this.#undo(own);
      report(name, [...broken, ...failures]);
    }
    await this.#all(one.afterAll);
    this.#undo(spies);
  }

  #names(one: Suite, prefix: readonly string[]): string[] {
    const path = one.name === '' ? prefix : [...prefix, one.name];
    return one.parts.flatMap((part) =>
      isSuite(part) ? this.#names(part, path) : [[...path, part.name].join(' ')],
    );
  }

  /** Takes the spies back that were made since there were so many. */
  #undo(from: number): void {
    for (const undo of this.running.undo.splice(from).toReversed()) undo();
  }

  /** All of them, whatever the others did. */
  async #all(bodies: readonly SpecBody[]): Promise<string[]> {
    this.running.failures = [];
    for (const body of bodies) {
      try {
        await settled(body);
      } catch (error) {
        this.running.failures.push(error instanceof Error ? error.message : String(error));
      }
    }
    return this.running.failures;
  }
}

/** A body that takes `done` ends when it is called, any other with the promise that it returns. */
async function settled(body: SpecBody): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${LIMIT_MS / 1000} s`)), LIMIT_MS);
  });
  try {
    await Promise.race([late, body.length === 0 ? Promise.resolve(body(undefined as never)) : called(body)]);
  } finally {
    clearTimeout(timer);
  }
}

function called(body: SpecBody): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (reason?: unknown): void =>
      reject(reason instanceof Error ? reason : new Error(`done.fail(${String(reason)})`));
    body(Object.assign(() => resolve(), { fail }));
  });
}
