import { z } from 'zod';

/** What of TensorFlow.js's `model.json` says which weights there have to be. */
const ModelJson = z.object({
  format: z.string().optional(),
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(
    z.object({
      paths: z.array(z.string()).min(1),
      weights: z.array(
        z.object({
          name: z.string(),
          shape: z.array(z.int().min(0)),
          dtype: z.string(),
          quantization: z.object({ dtype: z.string() }).optional(),
        }),
      ),
    }),
  ),
});

/** Bytes of one element; float16 and the two unsigned kinds come from quantization. */
const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  complex64: 8,
  float16: 2,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

/** A saved TensorFlow.js model whose files belong together. */
export interface ModelFiles {
  readonly format: string;
  /** Of the files that hold the weights, in the order in which they follow each other. */
  readonly weightPaths: readonly string[];
}

type Group = z.output<typeof ModelJson>['weightsManifest'][number];

/** Undefined where the size of an element is not known (strings). */
function expectedBytes({ weights }: Group): number | undefined {
  let sum = 0;
  for (const { shape, dtype, quantization } of weights) {
    const bytes = ELEMENT_BYTES[quantization?.dtype ?? dtype];
    if (bytes === undefined) return undefined;
    sum += bytes * shape.reduce((product, size) => product * size, 1);
  }
  return sum;
}

function parseModelJson(bytes: Uint8Array): z.output<typeof ModelJson> | string {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return 'model.json is not JSON';
  }
  const parsed = ModelJson.safeParse(json);
  if (parsed.success) return parsed.data;
  return `model.json is no model of TensorFlow.js: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`;
}

/**
 * Checks that `model.json` can be read and that the weight files hold as many bytes as its manifest says.
 * @param sizeOf bytes of the file beside model.json of this name; undefined where there is none.
 * @returns the files, or in words what is wrong.
 */
export function checkModelFiles(
  modelJson: Uint8Array,
  sizeOf: (path: string) => number | undefined,
): ModelFiles | string {
  const parsed = parseModelJson(modelJson);
  if (typeof parsed === 'string') return parsed;
  for (const group of parsed.weightsManifest) {
    const missing = group.paths.find((path) => sizeOf(path) === undefined);
    if (missing !== undefined) return `model.json names ${missing}, which the version does not have`;
    const found = group.paths.reduce((sum, path) => sum + sizeOf(path)!, 0);
    const expected = expectedBytes(group);
    if (expected !== undefined && expected !== found) {
      return `${group.paths.join(', ')}: the manifest of model.json wants ${expected} bytes, there are ${found}`;
    }
  }
  return {
    format: parsed.format ?? 'layers-model',
    weightPaths: parsed.weightsManifest.flatMap(({ paths }) => paths),
  };
}
