const [WIDTH, HEIGHT, MARGIN] = [72, 18, 1.5];

/** A curve without axes; gaps where a value is not finite. Decoration: the numbers stand beside it. */
export function Sparkline({ values, colour }: { values: readonly (number | null)[]; colour: string }) {
  const finite = values.filter((value) => value !== null);
  if (finite.length < 2) return <span class="faint">–</span>;
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
  return (
    <svg class="sparkline" width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path d={path.join('')} stroke={colour} />
    </svg>
  );
}
