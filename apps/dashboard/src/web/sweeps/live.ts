import { useEffect, useRef, useState } from 'preact/hooks';
import { listVersion } from '../shell/live.ts';

const ASK_MS = 2000;

/**
 * Moves when something of a sweep may have changed, but not faster than every two seconds, and slower for long sweeps:
 * a training tells of every step, and each time all trials are read. While a sweep runs it always moves, since trials of
 * functions have no runs whose events tell of them.
 */
export function useSweepVersion(isLive = false, trials = 0): number {
  const [version, setVersion] = useState(0);
  const seen = useRef(listVersion.peek());
  useEffect(() => {
    const tick = (): void => {
      const now = listVersion.peek();
      if (document.visibilityState !== 'visible' || (!isLive && now === seen.current)) return;
      seen.current = now;
      setVersion((count) => count + 1);
    };
    const timer = setInterval(tick, ASK_MS + trials);
    return () => clearInterval(timer);
  }, [isLive, trials]);
  return version;
}
