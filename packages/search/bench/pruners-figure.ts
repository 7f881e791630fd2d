import type { Rate } from './pruners-racing.ts';

const COLOURS: Record<string, string> = {
  pocock: '#3f6fb5',
  'obrien-fleming': '#4f9a6b',
  linear: '#8a78b8',
  none: '#c25b4e',
};
const WORDS: Record<string, string> = { none: 'two-sided p below 0.05 at every look, best at face value' };

const LEFT = 190;
const WIDTH = 440;
const ROW = 15;

function x(rate: number): number {
  return LEFT + WIDTH * Math.min(1, rate);
}

function bar(rate: Rate, y: number): string {
  const colour = COLOURS[rate.spending]!;
  return (
    `<rect x="${LEFT}" y="${y}" width="${Math.max(0.5, x(rate.rate) - LEFT)}" height="${ROW - 4}" fill="${colour}"/>` +
    `<line x1="${x(rate.low)}" x2="${x(rate.high)}" y1="${y + 5.5}" y2="${y + 5.5}" stroke="#222"/>` +
    `<text x="${x(rate.high) + 6}" y="${y + 9.5}">${(100 * rate.rate).toFixed(1)} %</text>`
  );
}

/** Bars of the share of equal candidates that were pruned, by looks and rivals, with the promised alpha as a line. */
export function drawFigure(rates: readonly Rate[], alpha: number): string {
  const equal = rates.filter((rate) => rate.worseBy === 0);
  const groups = new Map<string, Rate[]>();
  for (const rate of equal) {
    const name = `${rate.looks} ${rate.looks === 1 ? 'look' : 'looks'}, best of ${rate.rivals}`;
    groups.set(name, [...(groups.get(name) ?? []), rate]);
  }
  const rows: string[] = [];
  let y = 60;
  for (const [name, group] of groups) {
    rows.push(`<text x="${LEFT - 10}" y="${y + 9.5}" text-anchor="end">${name}</text>`);
    for (const rate of group) {
      rows.push(bar(rate, y));
      y += ROW;
    }
    y += 8;
  }
  const legend = Object.entries(COLOURS).map(
    ([name, colour], i) =>
      `<rect x="${LEFT + (i % 3) * 120}" y="${26 + 14 * Math.floor(i / 3)}" width="9" height="9" fill="${colour}"/>` +
      `<text x="${LEFT + (i % 3) * 120 + 14}" y="${34 + 14 * Math.floor(i / 3)}">${WORDS[name] ?? name}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 ${y + 24}" font-family="sans-serif" font-size="11" fill="#222">
<rect width="720" height="${y + 24}" fill="#fff"/>
<text x="10" y="16" font-size="13" font-weight="600">Equal candidates pruned by the race (promised: at most ${100 * alpha} %)</text>
${legend.join('\n')}
${rows.join('\n')}
<line x1="${x(alpha)}" x2="${x(alpha)}" y1="56" y2="${y}" stroke="#222" stroke-dasharray="3 3"/>
<text x="${x(alpha)}" y="${y + 14}" text-anchor="middle">alpha</text>
</svg>
`;
}
