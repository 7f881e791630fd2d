import { nearest } from '@atelier/base';

/** A model family nobody registered. */
export class ModelKindUnknown extends Error {
  readonly code = 'MODEL_KIND_UNKNOWN';
  readonly usage = true;
  readonly kind: string;
  readonly known: readonly string[];

  constructor(kind: string, known: readonly string[]) {
    super(
      `model.kind: no model family "${kind}"; the nearest is "${nearest(kind, known)}" (known: ${known.join(', ')})`,
    );
    this.name = 'ModelKindUnknown';
    this.kind = kind;
    this.known = known;
  }
}

/** A setting of a model that is wrong in itself, or cannot work with the images it is built for. */
export class ModelSettingInvalid extends Error {
  readonly code = 'MODEL_SETTING_INVALID';
  readonly usage = true;
  /** Dotted path, from `model` on. */
  readonly setting: string;

  constructor(setting: string, problem: string) {
    super(`${setting}: ${problem}`);
    this.name = 'ModelSettingInvalid';
    this.setting = setting;
  }
}

/** A saved model that is missing or incomplete. */
export class ModelFileInvalid extends Error {
  readonly code = 'MODEL_FILE_INVALID';
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path}: ${problem}`, options);
    this.name = 'ModelFileInvalid';
    this.path = path;
  }
}
