import { makeOldHome } from '@atelier/tracker/testing/old-home';
import { expect, it } from 'vitest';
import { openRegistry } from './registry.ts';

/** The hash of the last event as it was when the home was written, by the version before. */
const HEAD = 'dca2bb992a4902587ee0ab1d329b8fb7cff353fcd45daacce0bb568b882e0fe2';

it('a history that an earlier version wrote verifies: hashes, evidence, verdicts and files', () => {
  using registry = openRegistry({ home: makeOldHome() });
  expect(registry.verify(HEAD)).toEqual({ events: 7, head: HEAD, recomputed: 3, problems: [] });
  expect(registry.resolve('fashion@champion').version).toMatchObject({ version: 2 });
});
