import type { ComponentChildren } from 'preact';

/** Side of the square in SVG units; both axes run from 0 to 1. */
export const SIDE = 260;
const LEFT = 34;
const BOTTOM = 30;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

export const toX = (share: number): number => LEFT + share * SIDE;
export const toY = (share: number): number => 6 + (1 - share) * SIDE;

export const pathOf = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${toX(x).toFixed(1)} ${toY(y).toFixed(1)}`).join('');

interface SquareProps {
  readonly label: string;
  readonly x: string;
  readonly y: string;
  /** The line of equality. */
  readonly diagonal?: boolean;
  readonly children: ComponentChildren;
}

/** A plot of shares against shares. */
export function UnitSquare({ label, x, y, diagonal = false, children }: SquareProps) {
  return (
    <svg
      class="square"
      viewBox={`0 0 ${SIDE + LEFT + 10} ${SIDE + BOTTOM + 10}`}
      role="img"
      aria-label={label}
    >
      {TICKS.map((tick) => (
        <g key={tick}>
          <path
            class="rule"
            d={pathOf([
              [0, tick],
              [1, tick],
            ])}
          />{' '}
          {/* prettier-ignore */}
          <text x={LEFT - 5} y={toY(tick) + 3.5} text-anchor="end">
            {tick}
          </text>
          <text x={toX(tick)} y={toY(0) + 13} text-anchor="middle">
            {tick}
          </text>
        </g>
      ))}
      {diagonal && <path class="diagonal" d={pathOf([[0, 0], [1, 1]])} /> /* prettier-ignore */}
      {children}
      <text class="name" x={toX(0.5)} y={toY(0) + 26} text-anchor="middle">
        {x}
      </text>
      <text class="name" transform={`translate(9 ${toY(0.5)}) rotate(-90)`} text-anchor="middle">
        {y}
      </text>
    </svg>
  );
}
