import {
  applyTemperature,
  argmax,
  brierScore,
  classRanking,
  confidences,
  equalMassBins,
  expectedCalibrationError,
  fitTemperature,
  logLoss,
  maximumCalibrationError,
  precisionRecallCurve,
  reliabilityBins,
  rocCurve,
} from '@atelier/metrics';
import type { Tracker } from '@atelier/tracker';
import type { EvaluatedSplit } from '../api/query.ts';
import type { Calibration, CalibrationBin, ClassQuality, Quality } from '../api/quality.ts';
import { judge, type Judged } from './evaluation.ts';

/** Curves are thinned to steps of this size. */
const FINEST = 1 / 400;

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Leaves out what lies within {@link FINEST} of the last point kept, never the ends. */
function thinned(x: Float64Array, y: Float64Array): [number, number][] {
  const kept: [number, number][] = [];
  x.forEach((left, at) => {
    const top = y[at]!;
    if (!Number.isFinite(left) || !Number.isFinite(top)) return;
    const last = kept.at(-1);
    const far = last === undefined || Math.abs(left - last[0]) >= FINEST || Math.abs(top - last[1]) >= FINEST;
    if (far || at === x.length - 1) kept.push([left, top]);
  });
  return kept;
}

function binsOf({ predictions, labels }: Judged): CalibrationBin[] {
  const { probabilities, classes, predicted } = predictions;
  const bins = reliabilityBins(confidences(labels, probabilities, classes, predicted));
  return bins.map(({ low, high, count, confidence, accuracy, interval }) => ({
    low,
    high,
    count,
    confidence: finite(confidence),
    accuracy: finite(accuracy),
    interval: [finite(interval.low), finite(interval.high)],
  }));
}

/** The ledger a temperature may be fitted on: validation, of the checkpoint that is judged. */
function fittingOn(tracker: Tracker, id: number, judged: Judged, split: EvaluatedSplit): Judged | undefined {
  if (split === 'val') return judged;
  const { checkpoint } = judged.predictions;
  const hasLedger = tracker
    .getRun(id)
    .ledgers.some((ledger) => ledger.split === 'val' && ledger.checkpoint === checkpoint);
  return hasLedger ? judge(tracker, id, 'val') : undefined;
}

function temperatureOf(judged: Judged, fitting: Judged | undefined): Calibration['temperature'] {
  if (fitting === undefined || fitting.labels.length === 0) return null;
  const { classes, probabilities } = judged.predictions;
  const { temperature } = fitTemperature(fitting.labels, fitting.predictions.probabilities, classes);
  const cooled = applyTemperature(probabilities, classes, temperature);
  const bins = reliabilityBins(confidences(judged.labels, cooled, classes, argmax(cooled, classes)));
  return {
    value: temperature,
    on: fitting.predictions.split,
    ece: finite(expectedCalibrationError(bins)),
    brier: finite(brierScore(judged.labels, cooled, classes)),
    loss: finite(logLoss(judged.labels, cooled, classes)),
  };
}

function calibrationOf(judged: Judged, fitting: Judged | undefined): Calibration {
  const { labels, predictions } = judged;
  const { classes, probabilities, predicted } = predictions;
  const sure = confidences(labels, probabilities, classes, predicted);
  const bins = reliabilityBins(sure);
  return {
    bins: binsOf(judged),
    ece: finite(expectedCalibrationError(bins)),
    mce: finite(maximumCalibrationError(bins)),
    adaptiveEce: finite(expectedCalibrationError(equalMassBins(sure))),
    brier: finite(brierScore(labels, probabilities, classes)),
    temperature: temperatureOf(judged, fitting),
  };
}

function classQuality(
  { labels, predictions }: Judged,
  of: number,
): Omit<ClassQuality, 'rocArea' | 'averagePrecision'> {
  const { classes, probabilities } = predictions;
  const scores = Float64Array.from(labels, (_, at) => probabilities[at * classes + of]!);
  const isPositive = Uint8Array.from(labels, (label) => (label === of ? 1 : 0));
  const roc = rocCurve(scores, isPositive);
  const ranking = precisionRecallCurve(scores, isPositive);
  return {
    roc: thinned(roc.falsePositiveRate, roc.truePositiveRate),
    precisionRecall: thinned(ranking.recall, ranking.precision),
  };
}

/**
 * Calibration and ranking of a run on a split.
 * @throws NotFoundError where the run has no predictions of the split, RunUnknownError where there is no run.
 */
export function qualityOf(tracker: Tracker, id: number, split: EvaluatedSplit): Quality {
  const judged = judge(tracker, id, split);
  const { classes, probabilities } = judged.predictions;
  const { perClass, macro, micro } = classRanking(judged.labels, probabilities, classes);
  const areas = ({ rocArea, averagePrecision }: typeof macro) => ({
    rocArea: finite(rocArea),
    averagePrecision: finite(averagePrecision),
  });
  return {
    calibration: calibrationOf(judged, fittingOn(tracker, id, judged, split)),
    perClass: perClass.map((ranking, at) => ({ ...areas(ranking), ...classQuality(judged, at) })),
    macro: areas(macro),
    micro: areas(micro),
  };
}
