import type { Engine } from '@atelier/engine';
import type { ModelSummary } from '@atelier/model';
import type { EpochEvent, StartedEvent, StepEvent, TrainEvent } from '@atelier/train';
import { type Progress, startProgress } from '../terminal/progress.ts';
import { formatTable } from '../terminal/table.ts';

const COUNT = new Intl.NumberFormat('en-US');
const BAR =
  'epoch {epoch} {bar} {percentage}% loss {loss} acc {accuracy} {speed} images/s ETA {eta_formatted}';

/** The engine that opened, and one line for each faster one that did not. */
export function engineLines(engine: Engine): string[] {
  const threads = `${engine.threads} thread${engine.threads === 1 ? '' : 's'}`;
  return [
    `engine   ${engine.name} ${engine.version}, ${threads}, ${engine.arithmetic}`,
    ...engine.skipped.map(({ name, reason, remedy }) => `         not ${name}: ${reason} (${remedy})`),
  ];
}

/** The layer table with its totals. */
export function layerLines(summary: ModelSummary): string {
  const rows = summary.layers.map((layer) => [
    layer.name,
    layer.type,
    layer.outputShape.join('x'),
    COUNT.format(layer.params),
    COUNT.format(layer.flops),
  ]);
  const columns = [
    { title: 'layer' },
    { title: 'type' },
    { title: 'output', align: 'right' },
    { title: 'parameters', align: 'right' },
    { title: 'FLOPs', align: 'right' },
  ] as const;
  const frozen = summary.params - summary.trainableParams;
  const total = [
    `${COUNT.format(summary.params)} parameters, ${COUNT.format(frozen)} of them not trainable`,
    `${COUNT.format(summary.flops)} FLOPs forward for one image`,
  ].join('\n');
  return `${formatTable(columns, rows)}\n${total}`;
}

/** One epoch in one line. */
export function epochLine({ epoch, metrics, seconds }: EpochEvent, epochs: number): string {
  const number = (value: number): string => value.toFixed(4);
  return [
    `epoch ${epoch}/${epochs}`,
    `train loss ${number(metrics['train/loss'])} acc ${number(metrics['train/accuracy'])}`,
    `val loss ${number(metrics['val/loss'])} acc ${number(metrics['val/accuracy'])}`,
    `lr ${metrics['train/learningRate']}`,
    `${Math.round(metrics['train/imagesPerSecond'])} images/s`,
    `${seconds.toFixed(1)} s`,
  ].join('  ');
}

/** Shows events as they come: a bar per epoch on stderr, then the epoch's line. */
export class LiveReport {
  readonly #say: (line: string) => void;
  readonly #quiet: boolean;
  #plan: StartedEvent = { type: 'started', epochs: 0, stepsPerEpoch: 0 };
  #bar: Progress | undefined;

  constructor(say: (line: string) => void, quiet: boolean) {
    this.#say = say;
    this.#quiet = quiet;
  }

  show(event: TrainEvent): void {
    if (event.type === 'started') this.#plan = event;
    if (event.type === 'step' && !this.#quiet) this.#advance(event);
    if (event.type !== 'step') this.stop();
    if (event.type === 'epoch' && !this.#quiet) this.#say(epochLine(event, this.#plan.epochs));
    if (event.type === 'stopped' && event.reason === 'early-stopping') {
      this.#say(`stopped early after epoch ${event.epoch}: validation no longer improves`);
    }
  }

  #advance(event: StepEvent): void {
    const { epochs, stepsPerEpoch } = this.#plan;
    const fields = {
      epoch: `${event.epoch}/${epochs}`,
      loss: event.loss.toFixed(4),
      accuracy: event.accuracy.toFixed(4),
      speed: String(Math.round(event.imagesPerSecond)),
    };
    this.#bar ??= startProgress(BAR, stepsPerEpoch, fields);
    this.#bar.update(event.step - (event.epoch - 1) * stepsPerEpoch, fields);
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
