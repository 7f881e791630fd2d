import { closest } from 'fastest-levenshtein';
import { z } from 'zod';

const KebabName = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case letters, digits and single dashes, such as "fashion-mnist"');
const FileName = z.string().regex(/^[^/\\]+$/, 'a file name without a folder; leave ".gz" away');
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits');

const Common = {
  name: KebabName,
  title: z.string().min(1),
  /** Class names; their order gives the labels 0, 1, ... */
  classes: z.array(z.string().min(1)).min(2).max(256),
  image: z.strictObject({
    height: z.int().min(1).max(4096),
    width: z.int().min(1).max(4096),
    channels: z.union([z.literal(1), z.literal(3)]).default(1),
  }),
  /** SHA-256 of a file's content (after gunzip), by file name. */
  sha256: z.record(z.string(), Sha256).default({}),
  sources: z
    .strictObject({
      /** Folders on the web that hold every file as `<name>.gz`. */
      urls: z.array(z.url()).default([]),
      debianPackage: z.strictObject({ name: z.string(), folder: z.string() }).optional(),
    })
    .prefault({}),
};

const IdxPair = z.strictObject({ images: FileName, labels: FileName });
const CsvTable = z.strictObject({ table: FileName });

/** A dataset in words: what its files are called, how they are read, and what is in them. */
export const DatasetDescriptor = z
  .discriminatedUnion('format', [
    z.strictObject({
      ...Common,
      format: z.literal('idx'),
      files: z.strictObject({ train: IdxPair, test: IdxPair }),
    }),
    z.strictObject({
      ...Common,
      format: z.literal('csv'),
      files: z.strictObject({ train: CsvTable, test: CsvTable }),
    }),
  ])
  .superRefine((descriptor, context) => {
    const names = fileNames(descriptor);
    for (const name of Object.keys(descriptor.sha256)) {
      if (names.includes(name)) continue;
      const message = `"${name}" is no file of this dataset; the nearest is "${closest(name, names)}"`;
      context.addIssue({ code: 'custom', path: ['sha256'], message });
    }
  });
export type DatasetDescriptor = z.output<typeof DatasetDescriptor>;

/** Every file of the dataset, training files first. */
export function fileNames(descriptor: Pick<DatasetDescriptor, 'files'>): string[] {
  return [...Object.values(descriptor.files.train), ...Object.values(descriptor.files.test)] as string[];
}
