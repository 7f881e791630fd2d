import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { parseCsv } from './csv.ts';
import { type DatasetDescriptor, fileNames } from './descriptor.ts';
import { DataChecksumError, DataFormatError, DataMissingError } from './errors.ts';
import { describeMagic, parseIdx } from './idx.ts';
import { type ImageSet, imageSize } from './image-set.ts';
import { datasetFolder, resolveDescriptor } from './registry.ts';

export interface Dataset {
  readonly descriptor: DatasetDescriptor;
  readonly train: ImageSet;
  readonly test: ImageSet;
  /** SHA-256 of each file's content, by file name. */
  readonly contentSha256: Readonly<Record<string, string>>;
}

/** A file as it lies on disk. */
export interface StoredFile {
  readonly name: string;
  readonly path: string;
  /** The bytes on disk, gzipped or not. */
  readonly bytes: Uint8Array;
}

/** No file of ours inflates beyond this: a guard against a gzip bomb. */
const MAX_CONTENT = 2 ** 31 - 1;
const inflate = promisify(gunzip);

async function contentOf({ path, bytes }: StoredFile): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await inflate(bytes, { maxOutputLength: MAX_CONTENT });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const problem =
      code === 'Z_BUF_ERROR' ? 'the gzip file is truncated' : `the gzip file is corrupt (${message})`;
    throw new DataFormatError(path, problem, { cause });
  }
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

function idxSet(
  descriptor: DatasetDescriptor,
  images: [string, Uint8Array],
  labels: [string, Uint8Array],
): ImageSet {
  const pixels = parseIdx(images[1], images[0], 'images');
  const classes = parseIdx(labels[1], labels[0], 'labels');
  const [count = 0, height, width, channels = 1] = pixels.shape;
  const { image } = descriptor;
  if (height !== image.height || width !== image.width || channels !== image.channels) {
    throw new DataFormatError(
      images[0],
      `images of ${height} x ${width} x ${channels}, but ${descriptor.name} has ${image.height} x ${image.width} x ${image.channels}`,
    );
  }
  if (count !== classes.shape[0]) {
    throw new DataFormatError(
      labels[0],
      `${classes.shape[0]} labels for the ${count} images of ${images[0]}`,
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

/**
 * Checks and reads the files of a dataset.
 * @throws DataFormatError or DataChecksumError naming the file.
 */
export async function decodeDataset(
  descriptor: DatasetDescriptor,
  files: readonly StoredFile[],
): Promise<Dataset> {
  const contents = new Map<string, [path: string, content: Uint8Array]>();
  const contentSha256: Record<string, string> = {};
  for (const file of files) {
    const content = await contentOf(file);
    contentSha256[file.name] = checkContent(descriptor, file, content);
    contents.set(file.name, [file.path, content]);
  }
  const read = (part: 'train' | 'test'): ImageSet => {
    if (descriptor.format === 'csv') {
      const [path, content] = contents.get(descriptor.files[part].table)!;
      return checkSet(parseCsv(content, path, descriptor.image, descriptor.classes.length), path, descriptor);
    }
    const labels = contents.get(descriptor.files[part].labels)!;
    return checkSet(
      idxSet(descriptor, contents.get(descriptor.files[part].images)!, labels),
      labels[0],
      descriptor,
    );
  };
  return { descriptor, train: read('train'), test: read('test'), contentSha256 };
}

async function readStored(folder: string, name: string): Promise<StoredFile | undefined> {
  for (const path of [join(folder, name), join(folder, `${name}.gz`)]) {
    try {
      return { name, path, bytes: await readFile(path) };
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return undefined;
}

/** The dataset's files in a folder, each as `<name>` or `<name>.gz`, and the names that are not there. */
export async function findFiles(
  descriptor: DatasetDescriptor,
  folder: string,
): Promise<{ files: StoredFile[]; missing: string[] }> {
  const names = fileNames(descriptor);
  const found = await Promise.all(names.map((name) => readStored(folder, name)));
  return {
    files: found.filter((file) => file !== undefined),
    missing: names.filter((_, i) => found[i] === undefined),
  };
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
