/** A name that is no engine. The caller's input is at fault. */
export class EngineUnknownError extends Error {
  override readonly name = 'EngineUnknownError';
  readonly code = 'ENGINE_UNKNOWN';
  readonly usage = true;
  readonly engine: string;
  readonly nearest: string;

  constructor(engine: string, known: readonly string[], nearest: string) {
    super(`no engine is called "${engine}"; did you mean "${nearest}"? Known: ${known.join(', ')}`);
    this.engine = engine;
    this.nearest = nearest;
  }
}

/** An engine that exists but does not open on this machine. `remedy` says how to get it. */
export class EngineUnavailableError extends Error {
  override readonly name = 'EngineUnavailableError';
  readonly code = 'ENGINE_UNAVAILABLE';
  readonly engine: string;
  readonly reason: string;
  readonly remedy: string;

  constructor(engine: string, reason: string, remedy: string, options?: ErrorOptions) {
    super(`the engine "${engine}" does not open here: ${reason}\n${remedy}`, options);
    this.engine = engine;
    this.reason = reason;
    this.remedy = remedy;
  }
}

/** A process holds one engine: its kernels and gradients are registered process-wide. */
export class EngineBusyError extends Error {
  override readonly name = 'EngineBusyError';
  readonly code = 'ENGINE_BUSY';
  readonly open: string;
  readonly asked: string;

  constructor(open: string, asked: string) {
    super(`this process already runs on ${open}; ${asked} needs a process of its own`);
    this.open = open;
    this.asked = asked;
  }
}

/** A setting of `openEngine` out of its range. The caller's input is at fault. */
export class EngineSettingError extends Error {
  override readonly name = 'EngineSettingError';
  readonly code = 'ENGINE_SETTING';
  readonly usage = true;
  readonly setting: string;

  constructor(setting: string, expected: string, got: unknown) {
    super(`${setting} of the engine should be ${expected}; got ${String(got)}`);
    this.setting = setting;
  }
}

/** A part of an engine's installation that could not be done. */
export class EngineInstallError extends Error {
  override readonly name = 'EngineInstallError';
  readonly code = 'ENGINE_INSTALL';
  readonly part: string;

  constructor(part: string, reason: string, options?: ErrorOptions) {
    super(`${part}: ${reason}`, options);
    this.part = part;
  }
}
