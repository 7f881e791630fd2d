/** A run keeps its colour everywhere: it follows from its id. */
const RUN_COLOURS = 10;

export const runColour = (id: number): string => `var(--run-${(id - 1) % RUN_COLOURS})`;

/** A CSS colour as the canvas understands it now, in this theme. */
export function resolveColour(colour: string): string {
  const probe = document.createElement('i');
  probe.style.color = colour;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

/** Share of a hue in a cell: the power lifts small counts off the ground, but not much. */
export function tint(hue: string, share: number): string {
  const strength = share <= 0 ? 0 : 2 + 78 * Math.min(1, share) ** 0.75;
  return `color-mix(in oklab, var(--${hue}) ${strength.toFixed(1)}%, transparent)`;
}
