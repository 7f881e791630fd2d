import { z } from 'zod';

/** What moves a cursor, starts a line, turns the direction of writing or is half a character. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** A name that people read: trimmed, one form for each accented letter, one line, nothing invisible. */
export const DisplayName = z
  .string()
  .trim()
  .normalize('NFC')
  .min(1, 'expected a name, got nothing')
  .max(200, 'a name of at most 200 characters')
  .refine((name) => !UNSEEN.test(name), 'a name of one line, without control characters');

/** A file beside a descriptor. */
export const FileName = DisplayName.refine(
  (name) => /^[^./\\-][^/\\]*$/.test(name),
  'a file name without a folder, that begins with neither "." nor "-"',
)
  .refine((name) => !name.endsWith('.gz'), 'leave ".gz" away: both forms are found')
  .refine((name) => name !== 'descriptor.json', 'descriptor.json is the descriptor itself');

/** What a dataset is called: a folder in ATELIER_HOME and a word on the command line. */
export const DatasetName = z
  .string()
  .max(100)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case letters, digits and single dashes, such as "fashion-mnist"');
