/** Arguments that contradict each other or a label that is no class. */
export class MetricsInputError extends Error {
  readonly code = 'METRICS_INPUT';

  constructor(message: string) {
    super(message);
    this.name = 'MetricsInputError';
  }
}
