import { asyncExpectation, exactContents, expectation } from './expectation.ts';
import { SpecTree } from './spec-tree.ts';
import { spyOn } from './spy.ts';

/** The names that TensorFlow.js' tests expect to be there. */
export const specs = new SpecTree();

const fail = (reason?: unknown): void =>
  void specs.running.failures.push(reason instanceof Error ? reason.message : `fail(${String(reason)})`);

Object.assign(globalThis, {
  describe: specs.describe,
  it: specs.it,
  xit: specs.skip,
  xdescribe: specs.skip,
  beforeEach: specs.beforeEach,
  afterEach: specs.afterEach,
  beforeAll: specs.beforeAll,
  afterAll: specs.afterAll,
  fail,
  expect: (actual: unknown) => expectation(actual, fail),
  expectAsync: (actual: Promise<unknown>) => asyncExpectation(actual, fail),
  spyOn: (owner: Record<string, unknown>, name: string) => spyOn(owner, name, specs.running.undo),
  jasmine: { DEFAULT_TIMEOUT_INTERVAL: 0, arrayWithExactContents: exactContents },
});
