import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Gate, parseGate, type RegistryEvent } from '@atelier/registry';
import type { GateOffer } from '../api/models.ts';
import { PromotionError } from '../errors.ts';

export interface Gates {
  readonly gates: ReadonlyMap<string, { readonly gate: Gate; readonly from: GateOffer['from'] }>;
  readonly faults: readonly string[];
}

function filesOf(folder: string): { file: string; text: string }[] {
  try {
    const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
    return names.sort().map((name) => ({
      file: `gates/${name}`,
      text: readFileSync(join(folder, name), 'utf8'),
    }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function storedGates(events: readonly RegistryEvent[]): { file: string; text: string }[] {
  return events
    .filter(({ kind }) => kind === 'promoted')
    .map(({ body }) => (JSON.parse(body) as { gate: { file: string; text: string } }).gate);
}

/** The gates a page may choose from: those of the folder, then those of the history that the folder no longer has. */
export function offeredGates(folder: string, events: readonly RegistryEvent[]): Gates {
  const gates = new Map<string, { gate: Gate; from: GateOffer['from'] }>();
  const faults: string[] = [];
  const add = (from: GateOffer['from']) => (found: { file: string; text: string }) => {
    try {
      const gate = parseGate(found.text, found.file);
      if (!gates.has(gate.sha256)) gates.set(gate.sha256, { gate, from });
    } catch (error) {
      faults.push((error as Error).message);
    }
  };
  filesOf(folder).forEach(add('folder'));
  storedGates(events).toReversed().forEach(add('history'));
  return { gates, faults };
}

/** @throws PromotionError for a gate that was not offered. */
export function chosenGate({ gates }: Gates, sha256: string): Gate {
  const found = gates.get(sha256);
  if (found === undefined)
    throw new PromotionError(
      'GATE_UNKNOWN',
      `no gate has the SHA-256 ${sha256.slice(0, 12)}…: its file was changed or removed; reload the page and judge again`,
    );
  return found.gate;
}
