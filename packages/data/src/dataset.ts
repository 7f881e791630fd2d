import { createHash } from 'node:crypto';
import { parseCsv } from './csv.ts';
import type { DatasetDescriptor } from './descriptor.ts';
import { DataChecksumError, DataFormatError, DataMissingError, UnknownDatasetError } from './errors.ts';
import { findFiles, type StoredFile } from './files.ts';
import { inflated } from './gzip.ts';
import { describeMagic, parseIdx } from './idx.ts';
import { type ImageSet, imageSize } from './image-set.ts';
import { DatasetName } from './names.ts';
import { DATASETS, datasetFolder, resolveDescriptor } from './registry.ts';
import { carveTest } from './split.ts';

export interface Dataset {
  readonly descriptor: DatasetDescriptor;
  readonly train: ImageSet;
  readonly test: ImageSet;
  /** SHA-256 of each file's content, by file name. */
  readonly contentSha256: Readonly<Record<string, string>>;
}

function checkContent(descriptor: DatasetDescriptor, file: StoredFile, content: Uint8Array): string {
  const actual = createHash('sha256').update(content).digest('hex');
  const expected = descriptor.sha256[file.name];
  if (expected !== undefined && expected !== actual) {
    const other = Object.entries(descriptor.sha256).find(([, sha]) => sha === actual)?.[0];
    throw new DataChecksumError(
      file.path,
      expected,
      actual,
      other === undefined
        ? `, it is ${describeMagic(content)} of ${content.length} bytes`
        : `, it is ${other} under another name`,
    );
  }
  return actual;
}

interface Content {
  readonly path: string;
  readonly bytes: Uint8Array;
}

function idxSet(descriptor: DatasetDescriptor, images: Content, labels: Content): ImageSet {
  const pixels = parseIdx(images.bytes, images.path, 'images');
  const classes = parseIdx(labels.bytes, labels.path, 'labels');
  const [count = 0, height, width, channels = 1] = pixels.shape;
  const { image } = descriptor;
  if (height !== image.height || width !== image.width || channels !== image.channels) {
    throw new DataFormatError(
      images.path,
      `images of ${height} x ${width} x ${channels}, but ${descriptor.name} has ${image.height} x ${image.width} x ${image.channels}`,
    );
  }
  if (count !== classes.shape[0]) {
    throw new DataFormatError(
      labels.path,
      `${classes.shape[0]} labels for the ${count} images of ${images.path}`,
    );
  }
  return { images: pixels.values, labels: classes.values, count, ...image };
}

function checkSet(set: ImageSet, file: string, descriptor: DatasetDescriptor): ImageSet {
  const classes = descriptor.classes.length;
  if (set.count === 0) throw new DataFormatError(file, 'no images');
  const wrong = set.labels.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    throw new DataFormatError(
      file,
      `label ${set.labels[wrong]} at index ${wrong}, expected 0 to ${classes - 1}`,
    );
  }
  // a plain copy: the file's buffer would be kept alive for its header
  return set.images.byteOffset === 0
    ? set
    : { ...set, images: set.images.slice(0, set.count * imageSize(set)) };
}

/** The sets of a descriptor's file pairs or tables: training, and test where it has files. */
function readSets(descriptor: DatasetDescriptor, content: (name: string) => Content): ImageSet[] {
  if (descriptor.format === 'csv') {
    const { train, test } = descriptor.files;
    const tables = [train, test].filter((table) => table !== undefined).map(({ table }) => content(table));
    const sets = parseCsv(
      tables.map(({ path, bytes }) => [path, bytes] as const),
      descriptor,
    );
    return sets.map((set, i) => checkSet(set, tables[i]!.path, descriptor));
  }
  const { train, test } = descriptor.files;
  return [train, test]
    .filter((pair) => pair !== undefined)
    .map((pair) => {
      const [images, labels] = [content(pair.images), content(pair.labels)];
      return checkSet(idxSet(descriptor, images, labels), labels.path, descriptor);
    });
}

/**
 * Checks and reads the files of a dataset. Where it has no test files, a share of the training images becomes the test split.
 * @throws DataFormatError or DataChecksumError naming the file; SplitError where there are too few images to carve
 */
export async function decodeDataset(
  descriptor: DatasetDescriptor,
  files: readonly StoredFile[],
): Promise<Dataset> {
  const contents = new Map<string, Content>();
  const contentSha256: Record<string, string> = {};
  for (const file of files) {
    const bytes = await inflated(file.bytes, file.path);
    contentSha256[file.name] = checkContent(descriptor, file, bytes);
    contents.set(file.name, { path: file.path, bytes });
  }
  const [train, test] = readSets(descriptor, (name) => contents.get(name)!);
  if (test !== undefined) return { descriptor, train: train!, test, contentSha256 };
  return { descriptor, ...carveTest(train!, descriptor), contentSha256 };
}

/**
 * Loads a fetched dataset, checking its content again.
 * @param nameOrPath a dataset's name, or the path of a descriptor.
 * @throws DataMissingError when it was not fetched.
 */
export async function loadDataset(nameOrPath: string, { home }: { home: string }): Promise<Dataset> {
  const descriptor = await resolveDescriptor(nameOrPath, home);
  const folder = datasetFolder(home, descriptor.name);
  const { files, missing } = await findFiles(descriptor, folder);
  if (missing.length > 0) throw new DataMissingError(nameOrPath, folder);
  return decodeDataset(descriptor, files);
}

/**
 * Loads a fetched dataset by its name alone: for names that come out of records, which may be somebody else's.
 * @throws UnknownDatasetError also for a path
 */
export async function loadNamedDataset(name: string, { home }: { home: string }): Promise<Dataset> {
  if (!DatasetName.safeParse(name).success)
    throw new UnknownDatasetError(name, Object.keys(DATASETS), undefined);
  return loadDataset(name, { home });
}
