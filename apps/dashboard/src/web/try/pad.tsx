import { useEffect, useRef } from 'preact/hooks';
import { SIDE, type Pixels } from './images.ts';

/** Pixels as a picture; where `fall` is given, over it in colour what counts. */
export function Picture({
  pixels,
  fall,
  label,
}: {
  pixels: Pixels;
  fall?: Float32Array | undefined;
  label: string;
}) {
  const place = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = place.current!.getContext('2d')!;
    const image = context.createImageData(SIDE, SIDE);
    const most = Math.max(1e-6, ...(fall ?? []).map(Math.abs));
    pixels.forEach((value, index) => {
      const grey = fall === undefined ? value * 255 : value * 120;
      const weight = (fall?.[index] ?? 0) / most;
      image.data[index * 4] = grey + 255 * Math.max(0, weight);
      image.data[index * 4 + 1] = grey + 110 * Math.abs(weight);
      image.data[index * 4 + 2] = grey + 255 * Math.max(0, -weight);
      image.data[index * 4 + 3] = 255;
    });
    context.putImageData(image, 0, 0);
  }, [pixels, fall]);
  return <canvas class="picture" ref={place} width={SIDE} height={SIDE} role="img" aria-label={label} />;
}

interface PadProps {
  readonly pixels: Pixels;
  readonly erasing: boolean;
  readonly onStroke: (x: number, y: number, erase: boolean) => void;
}

/** The picture, to draw on with a pointer; the other mouse button erases. */
export function Pad({ pixels, erasing, onStroke }: PadProps) {
  const stroke = (event: PointerEvent) => {
    if (event.buttons === 0) return;
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const scale = SIDE / box.width;
    onStroke(
      (event.clientX - box.left) * scale,
      (event.clientY - box.top) * scale,
      erasing || event.buttons === 2,
    );
  };
  return (
    <div
      class="pad"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        stroke(event);
      }}
      onPointerMove={stroke}
      onContextMenu={(event) => event.preventDefault()}
    >
      <Picture pixels={pixels} label="What the models see, 28 by 28 pixels. Draw on it." />
    </div>
  );
}
