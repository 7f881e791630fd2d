/**
 * The largest difference per function between ours and SciPy, statsmodels and scikit-learn on random cases.
 *
 *   python test/reference/evidence.py --cases 1000 --seed 7 --out /tmp/cases.json
 *   npx tsx bench/reference-cases.ts /tmp/cases.json      (or --short: the cases that the tests use)
 */
import { readFileSync } from 'node:fs';
import { differencesFrom, type EvidenceReference } from '../test/reference-differences.ts';

const [argument] = process.argv.slice(2);
if (argument === undefined)
  throw new Error('expected the file that test/reference/evidence.py wrote, or --short');
const file = argument === '--short' ? new URL('../test/reference/evidence.json', import.meta.url) : argument;
const reference = JSON.parse(readFileSync(file, 'utf8')) as EvidenceReference;
const versions = Object.entries(reference.versions).map(([name, version]) => `${name} ${version}`);
console.log(`${reference.ledgers.length} cases of each kind against ${versions.join(', ')}`);
for (const [name, { difference, compared }] of differencesFrom(reference).largest) {
  console.log(`${name.padEnd(32)} ${difference.toExponential(1).padStart(8)}  of ${compared} numbers`);
}
