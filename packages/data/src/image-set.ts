/** Images and labels of one file pair, in the order of the files. */
export interface ImageSet {
  /** Pixels 0 .. 255, shape [count, height, width, channels]. */
  readonly images: Uint8Array;
  /** Class indices, shape [count]. */
  readonly labels: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

/** Bytes of one image. */
export function imageSize(set: Pick<ImageSet, 'height' | 'width' | 'channels'>): number {
  return set.height * set.width * set.channels;
}
