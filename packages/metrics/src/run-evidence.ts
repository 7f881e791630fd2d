import { cohenKappa, matthewsCorrelation } from './agreement.ts';
import {
  brierScore,
  confidences,
  equalMassBins,
  expectedCalibrationError,
  maximumCalibrationError,
  reliabilityBins,
} from './calibration.ts';
import { classificationReport } from './classification.ts';
import type { ConfusionMatrix } from './confusion.ts';
import type { RunEvidence } from './evidence.ts';
import type { Probabilities } from './probabilities.ts';
import { classRanking, type RankingAreas } from './ranking.ts';
import { wilsonInterval } from './wilson.ts';

/** JSON has no NaN: what is not defined is null there. */
export function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function areas({ rocArea, averagePrecision }: RankingAreas) {
  return { rocArea: orNull(rocArea), averagePrecision: orNull(averagePrecision) };
}

function calibration(
  labels: Uint16Array,
  predicted: Uint16Array,
  probabilities: Probabilities,
  classes: number,
  level: number,
): NonNullable<RunEvidence['calibration']> {
  const sure = confidences(labels, probabilities, classes, predicted);
  const bins = reliabilityBins(sure, 15, level);
  return {
    expectedError: expectedCalibrationError(bins),
    adaptiveError: expectedCalibrationError(equalMassBins(sure, 15, level)),
    maximumError: maximumCalibrationError(bins),
    brier: brierScore(labels, probabilities, classes),
    bins: bins.map((bin) => ({ ...bin, confidence: orNull(bin.confidence), accuracy: orNull(bin.accuracy) })),
  };
}

function ranking(
  labels: Uint16Array,
  probabilities: Probabilities,
  classes: number,
): NonNullable<RunEvidence['ranking']> {
  const ranked = classRanking(labels, probabilities, classes);
  return { perClass: ranked.perClass.map(areas), macro: areas(ranked.macro), micro: areas(ranked.micro) };
}

/** What one ledger says of its own run. @param matrix of labels against `predicted`. */
export function runEvidence(
  labels: Uint16Array,
  predicted: Uint16Array,
  probabilities: Probabilities | undefined,
  matrix: ConfusionMatrix,
  level: number,
): RunEvidence {
  const { classes, counts } = matrix;
  const report = classificationReport(matrix);
  let hits = 0;
  for (let c = 0; c < classes; c++) hits += counts[c * (classes + 1)]!;
  return {
    hits,
    accuracy: report.accuracy,
    interval: wilsonInterval(hits, labels.length, level),
    macroF1: report.macro.f1,
    kappa: orNull(cohenKappa(matrix)),
    matthews: matthewsCorrelation(matrix),
    calibration: probabilities ? calibration(labels, predicted, probabilities, classes, level) : null,
    ranking: probabilities ? ranking(labels, probabilities, classes) : null,
  };
}
