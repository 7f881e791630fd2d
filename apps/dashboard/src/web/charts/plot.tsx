import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { paint } from '../shell/theme.ts';
import { draw, MARGIN, type Scene } from './draw.ts';
import { makeScale, type Scale } from './scale.ts';
import { extentX, extentY, nearest, type PlotLine, type Range } from './scene.ts';

export interface PlotProps {
  readonly lines: readonly PlotLine[];
  /** What the canvas says to those who do not see it. */
  readonly description: string;
  readonly zoom: Range | null;
  readonly onZoom: (range: Range | null) => void;
  readonly logX?: boolean;
  readonly logY?: boolean;
  readonly height?: number;
  readonly formatX: (value: number) => string;
  readonly formatY: (value: number) => string;
  readonly onHover?: (place: number | null) => void;
  readonly focus?: string | null;
  readonly onFocus?: (line: string | null) => void;
}

function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current!;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { box, width };
}

function sceneOf(props: PlotProps, width: number): Scene | undefined {
  const { lines, zoom, logX = false, logY = false, height = 240 } = props;
  const range = zoom ?? extentX(lines, logX);
  if (range === undefined || width < 100) return undefined;
  return {
    lines,
    width,
    height,
    x: makeScale(range, [MARGIN.left, width - MARGIN.right], logX),
    y: makeScale(extentY(lines, range, logY), [height - MARGIN.bottom, MARGIN.top], logY),
    formatX: props.formatX,
    formatY: props.formatY,
    focus: props.focus ?? null,
  };
}

/** The line nearest to the pointer, within 16 pixels. */
function lineAt(scene: Scene, left: number, top: number): string | null {
  let best = 16;
  let found: string | null = null;
  for (const line of scene.lines) {
    const at = nearest(line, scene.x.toValue(left), Infinity);
    const value = at === undefined ? null : (line.smooth ?? line.y)[at];
    if (typeof value !== 'number') continue;
    const distance = Math.abs(scene.y.toPixel(value) - top);
    if (distance < best) [best, found] = [distance, line.id];
  }
  return found;
}

/** + and - zoom about the middle, the arrows move, 0 or Escape shows all again. */
function zoomByKey(key: string, x: Scale): Range | null | undefined {
  const [left, right] = [MARGIN.left, x.toPixel(x.high)];
  const cut = (from: number, to: number): Range => [
    x.toValue(left + (right - left) * from),
    x.toValue(left + (right - left) * to),
  ];
  if (key === '+' || key === '=') return cut(0.2, 0.8);
  if (key === '-') return cut(-1 / 3, 4 / 3);
  if (key === 'ArrowLeft') return cut(-0.2, 0.8);
  if (key === 'ArrowRight') return cut(0.2, 1.2);
  return key === '0' || key === 'Escape' ? null : undefined;
}

/** What is drawn now, for tests and measurements. */
function markDrawn({ dataset }: HTMLCanvasElement, lines: readonly PlotLine[]): void {
  dataset['drawn'] = String(performance.timeOrigin + performance.now());
  dataset['lines'] = String(lines.length);
  dataset['span'] = String(Math.max(...lines.map(({ span }) => span)));
  dataset['last'] = String(Math.max(...lines.map(({ x }) => x.at(-1) ?? 0)));
}

interface Drag {
  readonly from: number;
  readonly to: number;
}

/** Lines on a canvas. Drag zooms, a double click shows all again; the same with + - 0 and the arrows. */
export function Plot(props: PlotProps) {
  const { box, width } = useWidth();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const [pointer, setPointer] = useState<number | null>(null);
  const { lines, zoom, logX, logY, focus, height = 240 } = props;
  const scene = useMemo(() => sceneOf(props, width), [lines, zoom, logX, logY, focus, width, height]);
  const colours = paint.value;
  useLayoutEffect(() => {
    if (scene === undefined) return;
    draw(canvas.current!, scene, devicePixelRatio);
    markDrawn(canvas.current!, lines);
  }, [scene, colours]);
  useEffect(() => {
    props.onHover?.(pointer === null || scene === undefined ? null : scene.x.toValue(pointer));
  }, [pointer, scene]);
  const placeOf = (event: PointerEvent): number => {
    const left = event.clientX - box.current!.getBoundingClientRect().left;
    return Math.min(width - MARGIN.right, Math.max(MARGIN.left, left));
  };
  const move = (event: PointerEvent) => {
    const left = placeOf(event);
    setPointer(left);
    if (drag !== null) setDrag({ ...drag, to: left });
    else if (scene !== undefined && props.onFocus !== undefined && lines.length > 1)
      props.onFocus(lineAt(scene, left, event.clientY - box.current!.getBoundingClientRect().top));
  };
  const release = () => {
    if (drag !== null && scene !== undefined && Math.abs(drag.to - drag.from) > 4) {
      const [from, to] = [drag.from, drag.to].sort((a, b) => a - b) as [number, number];
      props.onZoom([scene.x.toValue(from), scene.x.toValue(to)]);
    }
    setDrag(null);
  };
  const press = (event: KeyboardEvent) => {
    const range = scene === undefined ? undefined : zoomByKey(event.key, scene.x);
    if (range === undefined) return;
    event.preventDefault();
    props.onZoom(range);
  };
  return (
    <div
      ref={box}
      class="plot"
      style={{ height: `${height}px` }}
      role="application"
      aria-roledescription="chart"
      aria-label={`${props.description}. Plus and minus zoom, arrows move, 0 shows all.`}
      tabIndex={0}
      onKeyDown={press}
      onPointerMove={move}
      onPointerLeave={() => {
        setPointer(null);
        props.onFocus?.(null);
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        const left = placeOf(event);
        (event.currentTarget as Element).setPointerCapture(event.pointerId);
        setDrag({ from: left, to: left });
      }}
      onPointerUp={release}
      onPointerCancel={() => setDrag(null)}
      onDblClick={() => props.onZoom(null)}
    >
      <canvas ref={canvas} style={{ width: `${width}px`, height: `${height}px` }} />
      {pointer !== null && drag === null && <i class="pointer" style={{ left: `${pointer}px` }} />}
      {drag !== null && (
        <i
          class="drag"
          style={{ left: `${Math.min(drag.from, drag.to)}px`, width: `${Math.abs(drag.to - drag.from)}px` }}
        />
      )}
    </div>
  );
}
