import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';

/** How a run watches its process. */
export interface SystemCapture {
  /** Milliseconds between two looks (10,000). */
  readonly intervalMs?: number | undefined;
  /** Further numbers, such as the engine's memory: `{ engineBytes: 1e6 }` becomes the curve `system/engineBytes`. */
  readonly read?: (() => Readonly<Record<string, number>>) | undefined;
}

const MEGABYTE = 1e6;
const LAG_RESOLUTION_MS = 20;

/** CPU, memory and event-loop lag of this process as `system/...` curves; their step is the seconds since the start. */
export class SystemMetrics {
  private readonly log: (metrics: Record<string, number>, step: number) => void;
  private readonly capture: SystemCapture;
  private readonly lag: IntervalHistogram;
  private readonly timer: NodeJS.Timeout;
  private readonly startedAt = performance.now();
  private stopped = false;
  private cpu = process.cpuUsage();
  private at = performance.now();

  constructor(capture: SystemCapture | true, log: (metrics: Record<string, number>, step: number) => void) {
    this.capture = capture === true ? {} : capture;
    this.log = log;
    this.lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
    this.lag.enable();
    this.timer = setInterval(() => this.look(), this.capture.intervalMs ?? 10_000);
    this.timer.unref();
  }

  /** Looks once more and ends. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.look();
    clearInterval(this.timer);
    this.lag.disable();
  }

  private look(): void {
    const now = performance.now();
    const used = process.cpuUsage(this.cpu);
    const { rss, heapUsed, external } = process.memoryUsage();
    const lag = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - LAG_RESOLUTION_MS);
    const metrics: Record<string, number> = {
      // 100 is one core in full
      'system/cpuPercent': (used.user + used.system) / 10 / (now - this.at),
      'system/rssMegabytes': rss / MEGABYTE,
      'system/heapMegabytes': heapUsed / MEGABYTE,
      'system/externalMegabytes': external / MEGABYTE,
      'system/eventLoopLagMs': Number.isNaN(this.lag.mean) ? 0 : lag(this.lag.mean),
      'system/eventLoopLagMaxMs': this.lag.max === 0 ? 0 : lag(this.lag.max),
    };
    for (const [name, value] of Object.entries(this.readMore())) metrics[`system/${name}`] = value;
    this.lag.reset();
    this.cpu = process.cpuUsage();
    this.at = now;
    this.log(metrics, Math.round((now - this.startedAt) / 1000));
  }

  private readMore(): Readonly<Record<string, number>> {
    try {
      return this.capture.read?.() ?? {};
    } catch {
      // watching must not stop what is watched
      return {};
    }
  }
}
