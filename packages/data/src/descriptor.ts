import { nearest } from '@atelier/base';
import { z } from 'zod';
import { DatasetName, DisplayName, FileName } from './names.ts';

const Sha256 = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits');

/** Debian policy 5.6.7: no option of apt looks like this. */
const PackageName = z
  .string()
  .max(100)
  .regex(/^[a-z0-9][a-z0-9+.-]+$/, 'the name of a Debian package, such as "dataset-fashion-mnist"');
const PackageFolder = z
  .string()
  .regex(/^\/usr\/share(\/(?!\.\.?(\/|$))[\w.+-]+)+$/, 'a folder of the package below /usr/share/');

const Common = {
  name: DatasetName,
  title: DisplayName,
  /** Class names; their order gives the labels 0, 1, ... */
  classes: z.array(DisplayName).min(2).max(256),
  image: z.strictObject({
    height: z.int().min(1).max(4096),
    width: z.int().min(1).max(4096),
    channels: z.union([z.literal(1), z.literal(3)]).default(1),
  }),
  /** The share of the training images that becomes the test split where no test files are named; absent: a fifth. */
  testShare: z.number().gt(0).lt(1).optional(),
  /** SHA-256 of a file's content (after gunzip), by file name. */
  sha256: z.record(z.string(), Sha256).default({}),
  sources: z
    .strictObject({
      /** Folders on the web that hold every file as `<name>.gz`. */
      urls: z.array(z.url({ protocol: /^https?$/ })).default([]),
      debianPackage: z.strictObject({ name: PackageName, folder: PackageFolder }).optional(),
    })
    .prefault({}),
};

const IdxPair = z.strictObject({ images: FileName, labels: FileName });
const CsvTable = z.strictObject({ table: FileName });

type Issue = readonly [path: string, message: string];

/** What no single field shows. */
function* contradictions(descriptor: {
  readonly classes: readonly string[];
  readonly files: Files;
  readonly sha256: Readonly<Record<string, string>>;
  readonly testShare?: number | undefined;
}): Generator<Issue> {
  const { classes, files, sha256, testShare } = descriptor;
  const twice = classes.find((name, i) => classes.indexOf(name) < i);
  if (twice !== undefined)
    yield ['classes', `"${twice}" is there twice; every class needs a name of its own`];
  const names = fileNames(descriptor);
  const shared = names.find((name, i) => names.indexOf(name) < i);
  if (shared !== undefined)
    yield [
      'files',
      `"${shared}" is named twice. Where there are no test files, leave "test" away: a share of the training ` +
        'images is carved out',
    ];
  if (testShare !== undefined && files.test !== undefined)
    yield ['testShare', 'it is for datasets without test files; leave one of the two away'];
  for (const name of Object.keys(sha256)) {
    if (!names.includes(name))
      yield ['sha256', `"${name}" is no file of this dataset; the nearest is "${nearest(name, names)}"`];
  }
}

/** A dataset in words: what its files are called, how they are read, and what is in them. */
export const DatasetDescriptor = z
  .discriminatedUnion('format', [
    z.strictObject({
      ...Common,
      format: z.literal('idx'),
      files: z.strictObject({ train: IdxPair, test: IdxPair.optional() }),
    }),
    z.strictObject({
      ...Common,
      format: z.literal('csv'),
      files: z.strictObject({ train: CsvTable, test: CsvTable.optional() }),
      /** A column's name in the header, or `first` or `last`. Absent: as the header says; without one, the first. */
      labelColumn: DisplayName.optional(),
      /** What stands in it: positions in `classes`, or class names. Absent: whichever fits. */
      labels: z.enum(['indices', 'names']).optional(),
    }),
  ])
  .superRefine((descriptor, context) => {
    for (const [path, message] of contradictions(descriptor))
      context.addIssue({ code: 'custom', path: [path], message });
  });
export type DatasetDescriptor = z.output<typeof DatasetDescriptor>;

interface Files {
  readonly train: Readonly<Record<string, string>>;
  readonly test?: Readonly<Record<string, string>> | undefined;
}

/** Every file of the dataset, training files first. */
export function fileNames({ files }: { readonly files: Files }): string[] {
  return [...Object.values(files.train), ...Object.values(files.test ?? {})];
}
