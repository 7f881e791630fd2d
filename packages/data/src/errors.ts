/** No dataset of that name. */
export class UnknownDatasetError extends Error {
  readonly code = 'DATASET_UNKNOWN';
  readonly usage = true;
  readonly dataset: string;
  constructor(dataset: string, known: readonly string[], nearest: string | undefined) {
    const guess = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
    super(
      `no dataset "${dataset}".${guess} Known: ${known.join(', ')}; or give the path of a descriptor (.json).`,
    );
    this.dataset = dataset;
  }
}

/** A descriptor that is no JSON or does not fit its schema. */
export class DescriptorError extends Error {
  readonly code = 'DATASET_DESCRIPTOR';
  readonly usage = true;
  readonly file: string;
  constructor(file: string, problem: string, cause?: unknown) {
    super(`${file}: ${problem}`, { cause });
    this.file = file;
  }
}

/** The dataset is known, but its files are not in ATELIER_HOME. */
export class DataMissingError extends Error {
  readonly code = 'DATA_MISSING';
  readonly folder: string;
  constructor(dataset: string, folder: string) {
    super(
      `the files of ${dataset} are not in ${folder}. Get them with: npx nx run data:fetch --dataset=${dataset} ` +
        '(--from=<folder> where you have them already)',
    );
    this.folder = folder;
  }
}

/** A folder without some of the files, or no folder at all. */
export class FilesMissingError extends Error {
  readonly code = 'DATA_FILES_MISSING';
  /** @param descriptor of another dataset, that lies there */
  constructor(folder: string, missing: readonly string[] | undefined, descriptor?: string) {
    const other = descriptor === undefined ? '' : `; it has a descriptor: give --dataset=${descriptor}`;
    super(`${folder}: ${missing ? `has no ${missing.join(', ')} (raw or .gz)` : 'no such folder'}${other}`);
  }
}

/** A source that could not serve, and why. */
export interface FailedSource {
  readonly source: string;
  readonly reason: string;
  /** The files are there, but one of them is wrong. */
  readonly hasFiles: boolean;
}

/** None of the sources had the files, or had them right. */
export class DataUnavailableError extends Error {
  readonly code = 'DATA_UNAVAILABLE';
  readonly attempts: readonly FailedSource[];
  constructor(dataset: string, files: readonly string[], attempts: readonly FailedSource[]) {
    const tried = attempts.map(({ source, reason }) => `  - ${source}: ${reason}`).join('\n');
    const again = `npx nx run data:fetch --dataset=${dataset}`;
    const advice = attempts.some(({ hasFiles }) => hasFiles)
      ? `Mend the file that is named above, then run: ${again}`
      : `Get ${files.join(', ')} (raw or .gz) on a machine that can, put them into one folder, and run: ${again} --from=<that folder>`;
    super(`no source has the files of ${dataset} as they should be:\n${tried}\n${advice}`);
    this.attempts = attempts;
  }
}

/** A file's content is not the published one. */
export class DataChecksumError extends Error {
  readonly code = 'DATA_CHECKSUM';
  readonly file: string;
  readonly expected: string;
  readonly actual: string;
  constructor(file: string, expected: string, actual: string, looksLike: string) {
    super(`${file}: wrong content${looksLike}. SHA-256 expected ${expected}, got ${actual}`);
    this.file = file;
    this.expected = expected;
    this.actual = actual;
  }
}

/** A file cannot be read as what it should be; `row` counts lines from 1. */
export class DataFormatError extends Error {
  readonly code = 'DATA_FORMAT';
  readonly file: string;
  readonly row: number | undefined;
  constructor(file: string, problem: string, options: { row?: number; cause?: unknown } = {}) {
    super(`${file}${options.row === undefined ? '' : `, row ${options.row}`}: ${problem}`, {
      cause: options.cause,
    });
    this.file = file;
    this.row = options.row;
  }
}

/** The validation split asked for cannot be carved out of the training images. */
export class SplitError extends Error {
  readonly code = 'DATA_SPLIT';
  readonly usage = true;
}

/** A batch of no images, or of more than the split has. */
export class BatchSizeError extends Error {
  readonly code = 'BATCH_SIZE';
  readonly usage = true;
  constructor(batchSize: number, count: number, split: string) {
    super(
      `a batch of ${batchSize} images was asked for; the ${split} split has ${count}, so it can be 1 to ${count}`,
    );
  }
}

/** A setting of augmentation that does not go with another, or with the images. */
export class AugmentError extends Error {
  readonly code = 'AUGMENT_INVALID';
  readonly usage = true;
  /** Dotted path. */
  readonly setting: string;
  constructor(setting: string, problem: string) {
    const path = setting === '' ? 'augment' : `augment.${setting}`;
    super(`${path}: ${problem}`);
    this.setting = path;
  }
}

/** A picture that cannot be read, or is not of the size that is asked for. */
export class ImageError extends Error {
  readonly code = 'IMAGE_INVALID';
  readonly usage = true;
  readonly path: string;
  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path}: ${problem}`, options);
    this.path = path;
  }
}
