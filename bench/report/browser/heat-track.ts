/**
 * All nodes over all time: a line a node (several where there are more nodes than lines), a column a frame.
 */
import { nodeColour, type Palette, type Rgb } from './colours.ts';
import { element } from './element.ts';
import { type Frames, STATE_AWAY } from './frames.ts';
import { fitCanvas, labelOf, type Track } from './tracks.ts';

const HEIGHT_MAX = 260;
const LINE_HEIGHT_MAX = 14;

/** The row; `choose` is called with the frame that is pointed at. */
export function heatTrack(frames: Frames, choose: (frame: number) => void): Track {
  const { replay, count, order } = frames;
  const canvas = element('canvas', '');
  const body = element('div', 'track heat', canvas);
  const height = Math.min(HEIGHT_MAX, order.length * LINE_HEIGHT_MAX);
  body.style.height = `${height}px`;
  const point = (event: PointerEvent): void => {
    const box = canvas.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    choose(Math.max(0, Math.min(count - 1, Math.floor(share * count))));
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    point(event);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.buttons !== 0) point(event);
  });
  const lines = Math.min(order.length, HEIGHT_MAX);
  const draw = (palette: Palette): void => {
    const fitted = fitCanvas(canvas);
    fitted.context.imageSmoothingEnabled = false;
    fitted.context.drawImage(pictureOf(frames, lines, palette), 0, 0, fitted.width, fitted.height);
    drawZones(fitted.context, frames, fitted.width, fitted.height, palette);
  };
  const what = replay.zones.length > 1 ? `${order.length} nodes by zone` : `${order.length} nodes`;
  return { label: labelOf(what, 'each node over time'), body, draw };
}

/** One pixel a frame and line. */
function pictureOf(frames: Frames, lines: number, palette: Palette): HTMLCanvasElement {
  const { count } = frames;
  const picture = element('canvas', '');
  picture.width = count;
  picture.height = lines;
  const context = picture.getContext('2d');
  if (context === null) throw new Error('no canvas');
  const image = context.createImageData(count, lines);
  for (let line = 0; line < lines; line++) {
    const from = Math.floor((line * frames.order.length) / lines);
    const to = Math.max(from + 1, Math.floor(((line + 1) * frames.order.length) / lines));
    for (let frame = 0; frame < count; frame++) {
      const [red, green, blue] = colourOf(frames, from, to, frame, palette);
      image.data.set([red, green, blue, 255], (line * count + frame) * 4);
    }
  }
  context.putImageData(image, 0, 0);
  return picture;
}

/** Of several nodes in one line one that is not Ready is never hidden; the others are averaged. */
function colourOf(frames: Frames, from: number, to: number, frame: number, palette: Palette): Rgb {
  const max = Math.max(1, frames.replay.podsMax);
  let pods = 0;
  let worst = 0;
  for (let place = from; place < to; place++) {
    const node = frames.order[place] as number;
    const state = frames.state(node, frame);
    if (state === STATE_AWAY) return palette.away;
    worst = Math.max(worst, state);
    pods += frames.pods(node, frame);
  }
  return nodeColour(palette, worst, pods / (to - from) / max);
}

function drawZones(
  context: CanvasRenderingContext2D,
  { order, zoneOf }: Frames,
  width: number,
  height: number,
  palette: Palette,
): void {
  context.fillStyle = palette.paper;
  order.forEach((node, place) => {
    const before = order[place - 1];
    if (before === undefined || zoneOf[before] === zoneOf[node]) return;
    context.fillRect(0, Math.round((place / order.length) * height) - 1, width, 2);
  });
}
