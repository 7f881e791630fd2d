/** How far the two clocks may part before the wall clock follows the system's, in milliseconds. */
const TOLERANCE_MS = 2;

/**
 * Epoch milliseconds, whole, from `performance.now()`: code that trains reads that one around every step anyway, so it is in the
 * processor's caches, where `Date.now()` after a step costs several microseconds.
 */
export class WallClock {
  private offset = Date.now() - performance.now();

  now(): number {
    return Math.round(this.offset + performance.now());
  }

  /** Follows the system's clock where that was set or the machine has slept. Call it now and then. */
  adjust(): void {
    const offset = Date.now() - performance.now();
    if (Math.abs(offset - this.offset) > TOLERANCE_MS) this.offset = offset;
  }
}
