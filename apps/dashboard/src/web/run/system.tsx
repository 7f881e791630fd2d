import { useState } from 'preact/hooks';
import type { CurveKeys } from '../../api/curves.ts';
import type { RunDetail } from '../../api/schema.ts';
import { duration } from '../shell/format.ts';
import { useAnswer } from '../shell/api.ts';
import { MetricChart } from '../charts/metric-chart.tsx';
import type { Range } from '../charts/scene.ts';

/** CPU, memory and lag of the run's process, by the time since it started. */
export function System({ run, version }: { run: RunDetail; version: number | undefined }) {
  const { data } = useAnswer<CurveKeys>(`/api/curves/keys?runs=${run.id}`, 0);
  const [zoom, setZoom] = useState<Range | null>(null);
  const keys = (data?.keys ?? []).filter((key) => key.startsWith('system/'));
  if (keys.length === 0) return null;
  return (
    <section aria-labelledby="system">
      <h2 id="system">System</h2>
      <div class="curve-grid">
        {keys.map((key) => (
          <MetricChart
            key={key}
            title={key.slice('system/'.length)}
            keys={[key]}
            runs={[run]}
            version={version ?? 0}
            axis="step"
            smooth={0}
            logX={false}
            logY={false}
            zoom={zoom}
            onZoom={setZoom}
            height={150}
            formatX={(seconds) => duration(seconds * 1000)}
          />
        ))}
      </div>
    </section>
  );
}
