/** Arguments that contradict each other or a label that is no class. */
export class MetricsInputError extends Error {
  readonly code = 'METRICS_INPUT';

  constructor(message: string) {
    super(message);
    this.name = 'MetricsInputError';
  }
}

/** Two prediction ledgers that are not of the same samples, split, dataset or classes: nothing paired can be said. */
export class LedgerMismatchError extends Error {
  readonly code = 'LEDGER_MISMATCH';
  readonly usage = true;

  constructor(message: string) {
    super(message);
    this.name = 'LedgerMismatchError';
  }
}
