import { nearest } from '@atelier/base';
import type * as tf from '@tensorflow/tfjs-core';
import { SettingInvalid } from './errors.ts';

const layerOf = ({ name }: tf.Variable): string => name.split('/')[0]!.replace(/_\d+$/, '');

function matches(pattern: string, layer: string): boolean {
  return pattern.endsWith('*') ? layer.startsWith(pattern.slice(0, -1)) : layer === pattern;
}

/**
 * Parameters by the factor of their learning rate. The pattern that names a layer exactly wins, then the longest.
 * @throws SettingInvalid naming a pattern that no layer answers to, with the nearest
 */
export function groupsOf(
  parameters: readonly tf.Variable[],
  rates: Readonly<Record<string, number>>,
): Map<number, tf.Variable[]> {
  const layers = [...new Set(parameters.map(layerOf))];
  const patterns = Object.keys(rates).sort(
    (a, b) => Number(a.endsWith('*')) - Number(b.endsWith('*')) || b.length - a.length,
  );
  for (const pattern of patterns) {
    if (layers.some((layer) => matches(pattern, layer))) continue;
    throw new SettingInvalid(
      'layerRates',
      `no layer "${pattern}"; the nearest is "${nearest(pattern, layers)}" (known: ${layers.join(', ')})`,
    );
  }
  const groups = new Map<number, tf.Variable[]>();
  for (const parameter of parameters) {
    const pattern = patterns.find((each) => matches(each, layerOf(parameter)));
    const factor = pattern === undefined ? 1 : rates[pattern]!;
    groups.set(factor, [...(groups.get(factor) ?? []), parameter]);
  }
  return groups;
}
