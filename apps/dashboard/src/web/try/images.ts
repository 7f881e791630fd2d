/** Grey values 0 .. 1, row by row, {@link SIDE} x {@link SIDE}. */
export type Pixels = Float32Array;
export const SIDE = 28;

/** `shift`: pixels to the right; `rotate`: degrees clockwise; `noise`: standard deviation; `erase`: side of a square. */
export interface Change {
  readonly shift: number;
  readonly rotate: number;
  readonly noise: number;
  readonly erase: number;
}
export type ChangeName = keyof Change;

export const RANGES: Readonly<
  Record<ChangeName, { min: number; max: number; step: number; unit: string; title: string }>
> = {
  shift: { min: -12, max: 12, step: 2, unit: ' px', title: 'Shift' },
  rotate: { min: -90, max: 90, step: 15, unit: '°', title: 'Rotate' },
  noise: { min: 0, max: 0.6, step: 0.05, unit: '', title: 'Noise' },
  erase: { min: 0, max: 24, step: 2, unit: ' px', title: 'Erase' },
};
export const CHANGES = Object.keys(RANGES) as ChangeName[];
export const UNCHANGED: Change = { shift: 0, rotate: 0, noise: 0, erase: 0 };

/** Every stop of a slider. */
export function stops(name: ChangeName): number[] {
  const { min, max, step } = RANGES[name];
  return Array.from({ length: Math.round((max - min) / step) + 1 }, (_, at) =>
    Number((min + at * step).toFixed(6)),
  );
}

/** Uniform in (0, 1]; mulberry32, so that the same slider gives the same noise. */
function uniformFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 1) / 4294967296;
  };
}

function at(image: Pixels, x: number, y: number): number {
  return x < 0 || y < 0 || x >= SIDE || y >= SIDE ? 0 : image[y * SIDE + x]!;
}

/** Bilinear; 0 outside. */
function between(image: Pixels, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [dx, dy] = [x - left, y - top];
  const upper = at(image, left, top) * (1 - dx) + at(image, left + 1, top) * dx;
  const lower = at(image, left, top + 1) * (1 - dx) + at(image, left + 1, top + 1) * dx;
  return upper * (1 - dy) + lower * dy;
}

function moved(image: Pixels, { shift, rotate }: Change): Pixels {
  if (shift === 0 && rotate === 0) return image.slice();
  const angle = (-rotate * Math.PI) / 180;
  const [cos, sin, middle] = [Math.cos(angle), Math.sin(angle), (SIDE - 1) / 2];
  return image.map((_, index) => {
    const x = (index % SIDE) - shift - middle;
    const y = Math.floor(index / SIDE) - middle;
    return between(image, cos * x - sin * y + middle, sin * x + cos * y + middle);
  });
}

/** The image rotated about its middle, shifted, with noise (clipped to 0 .. 1), and a black square in its middle. */
export function changed(image: Pixels, change: Change): Pixels {
  const result = moved(image, change);
  const uniform = uniformFrom(1);
  if (change.noise > 0) {
    result.forEach((value, index) => {
      // Box and Muller (1958)
      const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
      result[index] = Math.min(1, Math.max(0, value + change.noise * normal));
    });
  }
  return erased(result, (SIDE - change.erase) / 2, (SIDE - change.erase) / 2, change.erase);
}

/** Blacks out a square. */
export function erased(image: Pixels, left: number, top: number, side: number): Pixels {
  const result = image.slice();
  for (let y = Math.max(0, top); y < Math.min(SIDE, top + side); y++)
    for (let x = Math.max(0, left); x < Math.min(SIDE, left + side); x++) result[y * SIDE + x] = 0;
  return result;
}

/** Side of the square that occlusion blacks out, and how far it moves each time. */
export const PATCH = 6;
const STRIDE = 2;
const PLACES = (SIDE - PATCH) / STRIDE + 1;

/** The image with a square blacked out at each place in turn. */
export function occlusions(image: Pixels): Pixels[] {
  return Array.from({ length: PLACES * PLACES }, (_, place) =>
    erased(image, (place % PLACES) * STRIDE, Math.floor(place / PLACES) * STRIDE, PATCH),
  );
}

/** Mean fall of a probability over all squares that covered a pixel (Zeiler and Fergus 2014), of each pixel. */
export function saliency(probability: number, occluded: readonly number[]): Float32Array {
  const [sums, counts] = [new Float32Array(SIDE * SIDE), new Float32Array(SIDE * SIDE)];
  occluded.forEach((value, place) => {
    const [left, top] = [(place % PLACES) * STRIDE, Math.floor(place / PLACES) * STRIDE];
    for (let y = top; y < top + PATCH; y++)
      for (let x = left; x < left + PATCH; x++) {
        sums[y * SIDE + x]! += probability - value;
        counts[y * SIDE + x]!++;
      }
  });
  return sums.map((sum, index) => sum / Math.max(1, counts[index]!));
}

function greys(canvas: HTMLCanvasElement): Pixels {
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, SIDE, SIDE);
  return Float32Array.from({ length: SIDE * SIDE }, (_, index) => {
    const [r, g, b, a] = data.subarray(index * 4, index * 4 + 4);
    // Rec. 601; a stored grey stays what it is to the bit
    const grey = r === g && g === b ? r! : 0.299 * r! + 0.587 * g! + 0.114 * b!;
    return ((grey / 255) * a!) / 255;
  });
}

function blank(): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  return canvas;
}

/** A stored image as its pixels are. @throws Error where it cannot be had. */
export async function storedImage(address: string): Promise<Pixels> {
  const image = new Image();
  image.src = address;
  await image.decode().catch(() => {
    throw new Error('The images of this dataset are not on this machine, or there is no such sample.');
  });
  const canvas = blank();
  canvas.getContext('2d')!.drawImage(image, 0, 0);
  return greys(canvas);
}

/** Any image file, fitted into the middle of black. @throws Error for a file that is no image. */
export async function fileImage(file: File): Promise<Pixels> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(
      `${file.name || 'What was dropped'} is no image this browser can read (${file.type || 'unknown type'}, ${file.size} bytes). PNG, JPEG, WebP, GIF and BMP are.`,
    );
  });
  const scale = SIDE / Math.max(bitmap.width, bitmap.height);
  const [width, height] = [Math.max(1, bitmap.width * scale), Math.max(1, bitmap.height * scale)];
  const canvas = blank();
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
  bitmap.close();
  return greys(canvas);
}

export const inverted = (image: Pixels): Pixels => image.map((value) => 1 - value);

/** A soft round brush. */
export function painted(image: Pixels, x: number, y: number, erase: boolean): Pixels {
  return image.map((value, index) => {
    const distance = Math.hypot((index % SIDE) + 0.5 - x, Math.floor(index / SIDE) + 0.5 - y);
    const ink = Math.min(1, Math.max(0, 2 - distance));
    return erase ? value * (1 - ink) : Math.max(value, ink);
  });
}
