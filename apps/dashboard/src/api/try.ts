import { z } from 'zod';

/** A saved model that can answer in the page. `key`: `run:7` or `fashion@3`. */
export const Candidate = z.strictObject({
  key: z.string(),
  label: z.string(),
  runId: z.int(),
  /** Of the artifacts: `model/model.json` lies in `model/`. */
  folder: z.string(),
  bytes: z.number(),
  aliases: z.array(z.string()),
  datasetDigest: z.string().nullable(),
  datasetName: z.string().nullable(),
  classNames: z.array(z.string()).nullable(),
  /** Samples of the test split that the run was judged on. */
  testCount: z.int(),
  accuracy: z.number().nullable(),
});
export type Candidate = z.output<typeof Candidate>;

export const Candidates = z.strictObject({ candidates: z.array(Candidate) });
export type Candidates = z.output<typeof Candidates>;
