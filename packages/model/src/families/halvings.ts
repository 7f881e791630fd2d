import { ModelSettingInvalid } from '../errors.ts';
import type { BuildContext } from './family.ts';

/**
 * Halving rounds down (pooling) so that a side of n pixels survives floor(log2 n) of them.
 * @throws ModelSettingInvalid naming `setting`, where the images would shrink below one pixel
 */
export function checkHalvings(
  setting: string,
  { halvings, blocks }: { readonly halvings: number; readonly blocks: number },
  { inputShape: [height, width] }: BuildContext,
): void {
  const most = Math.floor(Math.log2(Math.min(height, width)));
  if (halvings <= most) return;
  throw new ModelSettingInvalid(
    setting,
    `images of ${height}x${width} pixels can be halved ${most} times, so expected at most ${blocks - (halvings - most)} blocks, got ${blocks}`,
  );
}
