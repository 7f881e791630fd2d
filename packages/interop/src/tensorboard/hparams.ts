import type { ParameterValue, Run } from '@atelier/tracker';
import { bytes, double, int, message } from './protobuf.ts';

/** tensorboard/plugins/hparams/plugin_data.proto and google.protobuf.Value. */
const STATUS_SUCCESS = 1;
const STATUS_FAILURE = 2;
const STATUS_RUNNING = 3;

export const SESSION_START_TAG = '_hparams_/session_start_info';
export const SESSION_END_TAG = '_hparams_/session_end_info';

function toValue(value: ParameterValue): Buffer {
  // the plugin drops a session with a null among its settings
  if (value === null) return bytes(3, 'null');
  if (typeof value === 'string') return bytes(3, value);
  return typeof value === 'number' ? double(2, value) : int(4, value);
}

/** The settings of a run and when it began. */
export function sessionStart(run: Run): Buffer {
  const settings = Object.entries(run.parameters).map(([name, value]) =>
    message(1, bytes(1, name), message(2, toValue(value))),
  );
  const start = message(3, ...settings, bytes(4, run.name), double(5, run.startedAt / 1000));
  return Buffer.concat([int(1, 0), start]);
}

/** How the run ended; pruned runs ended well. */
export function sessionEnd(run: Run): Buffer {
  const ended = run.status === 'FINISHED' || run.status === 'PRUNED' ? STATUS_SUCCESS : STATUS_FAILURE;
  const status = run.status === 'RUNNING' ? STATUS_RUNNING : ended;
  const end = message(
    4,
    int(1, status),
    ...(run.endedAt === undefined ? [] : [double(2, run.endedAt / 1000)]),
  );
  return Buffer.concat([int(1, 0), end]);
}
