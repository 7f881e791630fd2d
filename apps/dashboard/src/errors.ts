/** The port asked for is taken. */
export class PortBusyError extends Error {
  readonly code = 'PORT_BUSY';
  readonly port: number;
  readonly holder: string | undefined;
  readonly nextFree: number | undefined;

  constructor(port: number, holder: string | undefined, nextFree: number | undefined) {
    const by = holder === undefined ? '' : ` by ${holder}`;
    const remedy =
      nextFree === undefined ? 'Choose another with --port' : `Port ${nextFree} is free: --port=${nextFree}`;
    super(`port ${port} is already in use${by}. ${remedy}`);
    this.name = 'PortBusyError';
    this.port = port;
    this.holder = holder;
    this.nextFree = nextFree;
  }
}

/** A flag that cannot be meant. */
export class ServeSettingError extends Error {
  readonly code = 'SERVE_SETTING';
  readonly usage = true;

  constructor(flag: string, expected: string, got: string) {
    super(`${flag} must be ${expected}, got "${got}"`);
    this.name = 'ServeSettingError';
  }
}

/** A token that is easily guessed, or that no header can carry. */
export class TokenError extends Error {
  readonly code = 'TOKEN_WEAK';
  readonly usage = true;

  constructor(from: string, shortest: number, length: number) {
    super(
      `the token in ${from} must be at least ${shortest} printable characters without blanks, got ${length} characters`,
    );
    this.name = 'TokenError';
  }
}

/** The page was not built. */
export class PageMissingError extends Error {
  readonly code = 'PAGE_MISSING';

  constructor(folder: string) {
    super(`the page is not built: ${folder} has no index.html. Run \`npx nx run dashboard:build\` once`);
    this.name = 'PageMissingError';
  }
}

/** Something a request named does not exist. `code` says which kind of thing. */
export class NotFoundError extends Error {
  readonly code:
    | 'RUN_UNKNOWN'
    | 'NO_PREDICTIONS'
    | 'DATASET_UNKNOWN'
    | 'NO_IMAGE'
    | 'ARTIFACT_UNKNOWN'
    | 'NO_LAYERS'
    | 'OBJECTIVE_UNKNOWN'
    | 'PARAMETER_UNKNOWN';

  constructor(code: NotFoundError['code'], message: string) {
    super(message);
    this.name = 'NotFoundError';
    this.code = code;
  }
}

/** A change that this server does not take. */
export class ForbiddenError extends Error {
  readonly code: 'READ_ONLY' | 'CROSS_ORIGIN';

  constructor(code: ForbiddenError['code'], message: string) {
    super(message);
    this.name = 'ForbiddenError';
    this.code = code;
  }
}

/** A promotion that was asked for on grounds that no longer hold. */
export class PromotionError extends Error {
  readonly code: 'GATE_UNKNOWN' | 'ALIAS_MOVED';

  constructor(code: PromotionError['code'], message: string) {
    super(message);
    this.name = 'PromotionError';
    this.code = code;
  }
}

/** A sweep that cannot be carried on; `SWEEP_RESUME`: the message is what the command said. */
export class SweepResumeError extends Error {
  readonly code: 'SWEEP_RUNNING' | 'SWEEP_FINISHED' | 'SWEEP_RESUME' | 'SWEEP_NO_COMMAND';

  constructor(code: SweepResumeError['code'], message: string) {
    super(message);
    this.name = 'SweepResumeError';
    this.code = code;
  }
}
