import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { pathname } from './url.ts';
import { PAGES, type PageProps } from './pages.ts';

interface Loaded {
  readonly of: object;
  readonly View?: ComponentType<PageProps>;
}

/** The page its address names. */
export function Page() {
  const path = pathname.value;
  const entry = PAGES.find(({ path: pattern }) => pattern.test(path));
  const [loaded, setLoaded] = useState<Loaded>();
  useEffect(() => {
    void entry?.load?.().then(
      (View) => setLoaded({ of: entry, View }),
      () => setLoaded({ of: entry }),
    );
  }, [entry]);
  if (entry === undefined) {
    return (
      <p class="notice">
        There is nothing at {path}. <a href="/">All runs</a>
      </p>
    );
  }
  const View = entry.view ?? (loaded?.of === entry ? loaded.View : undefined);
  if (View === undefined) {
    return loaded?.of === entry ? (
      <p class="notice">This page could not be loaded. Reload to try again.</p>
    ) : (
      <p class="quiet">Opening the page…</p>
    );
  }
  return <View key={path} {...entry.path.exec(path)?.groups} />;
}
