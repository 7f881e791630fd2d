import { signal } from '@preact/signals';
import { param, setParams } from '../shell/url.ts';

/** The trial under the pointer, in whatever chart that is. */
export const hoveredTrial = signal<number | null>(null);

/** The trial that was picked; kept in the address. */
export function pickedTrial(): number | null {
  const text = param('trial');
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}

/** Picks a trial, or lets go of it when it is picked already. */
export function pickTrial(number: number): void {
  setParams({ trial: pickedTrial() === number ? null : String(number) });
}

/** The trial all charts mark: the one under the pointer, else the one picked. */
export function markedTrial(): number | null {
  return hoveredTrial.value ?? pickedTrial();
}
