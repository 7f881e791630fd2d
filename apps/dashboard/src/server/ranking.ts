import { classRanking, precisionRecallCurve, rocCurve } from '@atelier/metrics';
import type { Ranking } from '../api/judgement.ts';
import type { EvaluatedSplit } from '../api/query.ts';
import type { Judged } from './evaluation.ts';

/** How far a point must lie from the last one kept, as a share of the chart. */
const NEAR = 1 / 300;

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

function thin(xs: Float64Array, ys: Float64Array): { x: number[]; y: number[] } {
  const [x, y]: [number[], number[]] = [[], []];
  xs.forEach((at, index) => {
    const value = ys[index]!;
    const isEnd = index === 0 || index === xs.length - 1;
    if (!isEnd && Math.abs(at - x.at(-1)!) < NEAR && Math.abs(value - y.at(-1)!) < NEAR) return;
    x.push(at);
    y.push(value);
  });
  return { x, y };
}

/** Each class against the rest. */
export function rankClasses(split: EvaluatedSplit, { predictions, dataset, labels }: Judged): Ranking {
  const { classes, probabilities } = predictions;
  const ranked = classRanking(labels, probabilities, classes);
  return {
    split,
    classes: ranked.perClass.map(({ rocArea, averagePrecision }, index) => {
      const scores = Float32Array.from(labels, (_, sample) => probabilities[sample * classes + index]!);
      const isClass = Uint8Array.from(labels, (label) => (label === index ? 1 : 0));
      const drawn = !Number.isNaN(rocArea);
      const roc = drawn ? rocCurve(scores, isClass) : undefined;
      const precision = drawn ? precisionRecallCurve(scores, isClass) : undefined;
      return {
        name: dataset.classNames[index] ?? String(index),
        rocArea: orNull(rocArea),
        averagePrecision: orNull(averagePrecision),
        roc: roc ? thin(roc.falsePositiveRate, roc.truePositiveRate) : null,
        precisionRecall: precision ? thin(precision.recall, precision.precision) : null,
      };
    }),
    macro: {
      rocArea: orNull(ranked.macro.rocArea),
      averagePrecision: orNull(ranked.macro.averagePrecision),
    },
  };
}
