import { useEffect, useState } from 'preact/hooks';
import { listVersion } from '../state/live.ts';

/** Trials of functions have no runs, so that no event tells of them: the page asks by itself, while it is looked at. */
const ASK_MS = 2000;

/** Moves when a run changed, and every two seconds while something is going on. */
export function useSweepVersion(isLive = false): number {
  const [beat, setBeat] = useState(0);
  useEffect(() => {
    if (!isLive) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setBeat((count) => count + 1);
    }, ASK_MS);
    return () => clearInterval(timer);
  }, [isLive]);
  return listVersion.value + beat * 1_000_003;
}
