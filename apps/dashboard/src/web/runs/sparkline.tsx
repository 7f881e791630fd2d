const [WIDTH, HEIGHT, MARGIN] = [72, 18, 1.5];

/** A curve as an SVG path, with gaps where a value is not finite; undefined for fewer than two values. */
export function sparklinePath(values: readonly (number | null)[]): string | undefined {
  const finite = values.filter((value) => value !== null);
  if (finite.length < 2) return undefined;
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const x = (at: number): number => MARGIN + (at / (values.length - 1)) * (WIDTH - 2 * MARGIN);
  const y = (value: number): number =>
    HEIGHT - MARGIN - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * MARGIN);
  let pen = 'M';
  const path = values.map((value, at) => {
    if (value === null) {
      pen = 'M';
      return '';
    }
    const part = `${pen}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = 'L';
    return part;
  });
  return path.join('');
}

/** A curve without axes. Decoration: the numbers stand beside it. */
export function Sparkline({ path, colour }: { path: string | undefined; colour: string }) {
  if (path === undefined) return <span class="faint">–</span>;
  return (
    <svg class="sparkline" width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path d={path} stroke={colour} />
    </svg>
  );
}
