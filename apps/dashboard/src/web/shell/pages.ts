import type { ComponentType } from 'preact';
import { RunsView } from '../runs/runs.tsx';

/** What a page's address holds: the groups of its pattern. */
export type PageProps = Readonly<Record<string, string>>;

interface PageEntry {
  readonly path: RegExp;
  /** Part of the first load: what most people see first. */
  readonly view?: ComponentType<PageProps>;
  /** Loaded when first looked at, so that the run list does not wait for it. */
  readonly load?: () => Promise<ComponentType<PageProps>>;
}

/** Every page by its address. A view reads the rest of its state from the query. */
export const PAGES: readonly PageEntry[] = [
  { path: /^\/$/, view: RunsView },
  { path: /^\/runs\/(?<id>\d+)$/, load: async () => (await import('../run/run.tsx')).RunPage },
  { path: /^\/compare$/, load: async () => (await import('../compare/compare.tsx')).CompareView },
  { path: /^\/sweeps$/, load: async () => (await import('../sweeps/sweeps.tsx')).SweepsView },
  { path: /^\/sweeps\/(?<id>\d+)$/, load: async () => (await import('../sweeps/sweep.tsx')).SweepPage },
  { path: /^\/models$/, load: async () => (await import('../models/models.tsx')).ModelsView },
  { path: /^\/models\/(?<name>[^/]+)$/, load: async () => (await import('../models/model.tsx')).ModelPage },
  { path: /^\/data$/, load: async () => (await import('../data/data.tsx')).DataView },
  { path: /^\/try$/, load: async () => (await import('../try/try.tsx')).TryView },
];

/** The pages the masthead names, in its order. */
export const NAVIGATION: readonly {
  readonly href: string;
  readonly title: string;
  /** The pages below it. */
  readonly section: RegExp;
}[] = [
  { href: '/', title: 'Runs', section: /^\/(runs\/|compare$)/ },
  { href: '/sweeps', title: 'Sweeps', section: /^\/sweeps\// },
  { href: '/models', title: 'Models', section: /^\/models\// },
  { href: '/data', title: 'Data', section: /^\/data\// },
  { href: '/try', title: 'Try it', section: /^\/try\// },
];
