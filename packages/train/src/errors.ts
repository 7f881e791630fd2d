import { nearest } from '@atelier/base';

/** A setting that does not exist. */
export class SettingUnknown extends Error {
  readonly code = 'SETTING_UNKNOWN';
  readonly usage = true;
  readonly setting: string;
  readonly nearest: string;

  constructor(setting: string, known: readonly string[]) {
    const near = nearest(setting, known);
    super(`no setting "${setting}"; the nearest is "${near}"`);
    this.name = 'SettingUnknown';
    this.setting = setting;
    this.nearest = near;
  }
}

/** A setting of the wrong type, out of range, or at odds with the data. */
export class SettingInvalid extends Error {
  readonly code = 'SETTING_INVALID';
  readonly usage = true;
  /** Dotted path. */
  readonly setting: string;

  constructor(setting: string, problem: string) {
    super(`${setting}: ${problem}`);
    this.name = 'SettingInvalid';
    this.setting = setting;
  }
}

/** A recipe that is neither checked in nor a file. */
export class RecipeUnknown extends Error {
  readonly code = 'RECIPE_UNKNOWN';
  readonly usage = true;
  readonly recipe: string;

  constructor(recipe: string, known: readonly string[]) {
    super(
      `no recipe "${recipe}"; the nearest is "${nearest(recipe, known)}" (known: ${known.join(', ')}; or the path of a .yaml file)`,
    );
    this.name = 'RecipeUnknown';
    this.recipe = recipe;
  }
}

/** A recipe that is not a YAML mapping. */
export class RecipeInvalid extends Error {
  readonly code = 'RECIPE_INVALID';
  readonly usage = true;
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path}: ${problem}`, options);
    this.name = 'RecipeInvalid';
    this.path = path;
  }
}

/** The loss left the finite numbers. */
export class TrainingDiverged extends Error {
  readonly code = 'TRAINING_DIVERGED';
  readonly step: number;
  readonly loss: number;

  constructor(step: number, loss: number, advice: string) {
    super(`the loss is ${loss} at step ${step}: ${advice}`);
    this.name = 'TrainingDiverged';
    this.step = step;
    this.loss = loss;
  }
}

/** A checkpoint that is missing, torn, or not one. */
export class CheckpointInvalid extends Error {
  readonly code = 'CHECKPOINT_INVALID';
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path}: ${problem}`, options);
    this.name = 'CheckpointInvalid';
    this.path = path;
  }
}

/** A checkpoint of another model, configuration or data set than the training that should go on from it. */
export class CheckpointMismatch extends Error {
  readonly code = 'CHECKPOINT_MISMATCH';
  readonly usage = true;

  constructor(problem: string) {
    super(problem);
    this.name = 'CheckpointMismatch';
  }
}
