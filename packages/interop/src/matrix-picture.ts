import type { ConfusionMatrix } from '@atelier/metrics';
import { confusionMatrix } from '@atelier/metrics';
import { crc32 as zlibCrc32, deflateSync } from 'node:zlib';
import type { StoredLedger, Tracker } from '@atelier/tracker';
import type { Picture } from './tensorboard/events.ts';

const CELL = 24;

function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length);
  out.write(type, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(zlibCrc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

/** An RGB picture; each line gets filter type 0 in front. */
function encodePng(width: number, height: number, lines: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(lines);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** White (none of the class) to dark blue (all of it), linear in each of the three colours. */
function colourOf(share: number): [number, number, number] {
  const mix = (light: number, dark: number): number => Math.round(light + (dark - light) * share);
  return [mix(255, 8), mix(255, 48), mix(255, 107)];
}

/** Rows are true classes, columns predicted ones; a cell's darkness is its share of its row. */
export function drawMatrix({ classes, counts }: ConfusionMatrix): Picture {
  const side = classes * CELL;
  const stride = 1 + side * 3;
  const lines = new Uint8Array(side * stride);
  for (let row = 0; row < classes; row++) {
    const cells = counts.subarray(row * classes, (row + 1) * classes);
    const total = Math.max(
      1,
      cells.reduce((sum, count) => sum + count, 0),
    );
    const line = Uint8Array.from([
      0,
      ...Array.from(cells).flatMap(
        (count) =>
          Array(CELL)
            .fill(colourOf(count / total))
            .flat() as number[],
      ),
    ]);
    for (let y = row * CELL; y < (row + 1) * CELL; y++) lines.set(line, y * stride);
  }
  return { width: side, height: side, png: encodePng(side, side, lines) };
}

/** The confusion matrix of a ledger; undefined where the dataset's labels are not recorded. */
export function matrixOf(tracker: Tracker, ledger: StoredLedger): ConfusionMatrix | undefined {
  const labels = tracker.dataset(ledger.datasetDigest)?.splits[ledger.split]?.labels;
  if (labels === undefined || labels.length !== ledger.predicted.length) return undefined;
  return confusionMatrix(labels, ledger.predicted, ledger.classes);
}
