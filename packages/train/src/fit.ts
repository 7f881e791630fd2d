import { sizedFor } from './batch-size.ts';
import type { TrainEvent } from './events.ts';
import { Training, type FitOptions } from './training.ts';

/**
 * Trains a classifier and tells how it goes; knows no storage and prints nothing. The same config, splits and engine
 * give the same weights, bit for bit, also in several sittings (`from`). With early stopping the classifier ends with the
 * weights of its best epoch.
 *
 * Divergence and an abort are last events, not errors.
 */
export async function* fit(options: FitOptions): AsyncGenerator<TrainEvent> {
  const training = new Training({ ...options, config: sizedFor(options.config, options.splits) });
  try {
    yield* training.run();
  } catch (error) {
    if (!training.aborted) throw error;
    yield* training.stop();
  } finally {
    training.dispose();
  }
}
