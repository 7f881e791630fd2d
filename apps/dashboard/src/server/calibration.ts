import {
  applyTemperature,
  brierScore,
  confidences,
  equalMassBins,
  expectedCalibrationError,
  fitTemperature,
  logLoss,
  maximumCalibrationError,
  reliabilityBins,
  type Probabilities,
} from '@atelier/metrics';
import type { Tracker } from '@atelier/tracker';
import type { Calibration } from '../api/judgement.ts';
import type { EvaluatedSplit } from '../api/query.ts';
import { judge, type Judged } from './evaluation.ts';

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

function quality(
  { labels, predictions: { classes } }: Judged,
  probabilities: Probabilities,
): Calibration['asIs'] {
  const sure = confidences(labels, probabilities, classes);
  const bins = reliabilityBins(sure);
  return {
    bins: bins.map((bin) => ({ ...bin, confidence: orNull(bin.confidence), accuracy: orNull(bin.accuracy) })),
    expectedError: expectedCalibrationError(bins),
    adaptiveError: expectedCalibrationError(equalMassBins(sure)),
    maximumError: maximumCalibrationError(bins),
    brier: brierScore(labels, probabilities, classes),
    loss: orNull(logLoss(labels, probabilities, classes)),
  };
}

/** The temperature is fitted on validation alone, whatever split is looked at. */
function temperatureOf(tracker: Tracker, id: number): number | null {
  if (tracker.predictions(id, { split: 'val' }) === undefined) return null;
  const { labels, predictions } = judge(tracker, id, 'val');
  return fitTemperature(labels, predictions.probabilities, predictions.classes).temperature;
}

/** @throws NotFoundError where the run has no predictions of the split. */
export function calibrate(tracker: Tracker, id: number, split: EvaluatedSplit): Calibration {
  const judged = judge(tracker, id, split);
  const { probabilities, classes } = judged.predictions;
  const temperature = temperatureOf(tracker, id);
  return {
    split,
    count: judged.labels.length,
    asIs: quality(judged, probabilities),
    scaled:
      temperature === null ? null : quality(judged, applyTemperature(probabilities, classes, temperature)),
    temperature,
  };
}
