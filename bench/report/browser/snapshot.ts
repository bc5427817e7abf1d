/**
 * The nodes at one instant: a square a node, by zone; more pods are darker (lighter on dark ground). Keys and pointer say
 * which node is looked at.
 */
import { cssOf, nodeColour, type Palette } from './colours.ts';
import { element } from './element.ts';
import { type Frames, isHit, STATES } from './frames.ts';
import { fitCanvas } from './tracks.ts';

const HEIGHT_WANTED = 300;
const SIDE_MAX = 30;
const SIDE_MIN = 4;
const ZONE_HEAD = 20;
const ZONE_GAP = 8;

/** Where everything stands. */
interface Layout {
  readonly side: number;
  readonly columns: number;
  readonly height: number;
  /** By place in the order: left and top, then the heads of zones. */
  readonly left: Float64Array;
  readonly top: Float64Array;
  readonly heads: readonly { readonly text: string; readonly top: number }[];
}

/** The picture. */
export class Snapshot {
  readonly canvas: HTMLCanvasElement;
  readonly detail: HTMLElement;
  readonly #frames: Frames;
  #layout: Layout;
  #frame = 0;
  #palette: Palette;
  #selected = -1;

  constructor(frames: Frames, palette: Palette) {
    this.#frames = frames;
    this.#palette = palette;
    this.canvas = element('canvas', '');
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'application');
    this.canvas.setAttribute('aria-roledescription', 'picture of nodes');
    this.canvas.setAttribute('aria-label', `${frames.order.length} nodes; arrow keys move from node to node`);
    this.detail = element('p', 'detail');
    this.detail.setAttribute('role', 'status');
    this.#layout = layoutOf(frames, 600);
    this.canvas.addEventListener('keydown', (event) => this.#key(event));
    this.canvas.addEventListener('pointermove', (event) => this.#select(this.#at(event)));
    this.canvas.addEventListener('pointerleave', () => this.#select(-1));
  }

  /** Draws a frame. */
  show(frame: number): void {
    this.#frame = frame;
    this.#draw();
    this.#describe();
  }

  /** Other colours, or another size. */
  redraw(palette: Palette): void {
    this.#palette = palette;
    this.#layout = layoutOf(this.#frames, this.canvas.parentElement?.clientWidth ?? 600);
    this.canvas.style.height = `${this.#layout.height}px`;
    this.#draw();
  }

  #draw(): void {
    const { order, replay } = this.#frames;
    const { side, left, top, heads } = this.#layout;
    const palette = this.#palette;
    const { context, width, height } = fitCanvas(this.canvas);
    context.clearRect(0, 0, width, height);
    context.font = '12px system-ui, sans-serif';
    context.fillStyle = palette.soft;
    for (const head of heads) context.fillText(head.text, 0, head.top + 13);
    const gap = side > 8 ? 2 : side > 5 ? 1 : 0.5;
    const max = Math.max(1, replay.podsMax);
    const nowUs = Math.min(replay.endUs, (this.#frame + 1) * replay.frameUs);
    order.forEach((node, place) => {
      const x = left[place] as number;
      const y = top[place] as number;
      const pods = this.#frames.pods(node, this.#frame);
      context.fillStyle = cssOf(nodeColour(palette, this.#frames.state(node, this.#frame), pods / max));
      context.fillRect(x, y, side - gap, side - gap);
      if (isHit(this.#frames, node, nowUs - 1)) outline(context, x, y, side - gap, palette.faultEdge);
      if (place === this.#selected) outline(context, x, y, side - gap, palette.ink);
    });
  }

  #key(event: KeyboardEvent): void {
    const { columns } = this.#layout;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const last = this.#frames.order.length - 1;
    this.#select(this.#selected < 0 ? 0 : Math.max(0, Math.min(last, this.#selected + step)));
  }

  #at(event: PointerEvent): number {
    const box = this.canvas.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    const { left, top, side } = this.#layout;
    for (let place = 0; place < left.length; place++) {
      const dx = x - (left[place] as number);
      const dy = y - (top[place] as number);
      if (dx >= 0 && dy >= 0 && dx < side && dy < side) return place;
    }
    return -1;
  }

  #select(place: number): void {
    if (place === this.#selected) return;
    this.#selected = place;
    this.#draw();
    this.#describe();
  }

  #describe(): void {
    const node = this.#frames.order[this.#selected];
    this.detail.textContent = node === undefined ? '' : describeNode(this.#frames, node, this.#frame);
  }
}

/** `node-17, zone b: Ready, 3 pods; without power (fault rack)`. */
function describeNode(frames: Frames, node: number, frame: number): string {
  const { replay, zoneOf } = frames;
  const zone = replay.zones[zoneOf[node] ?? 0] ?? '';
  const pods = frames.pods(node, frame);
  const nowUs = Math.min(replay.endUs, (frame + 1) * replay.frameUs);
  const fault = replay.faults.find(
    ({ nodes, beginUs, endUs }) => nodes.includes(node) && beginUs < nowUs && (endUs < 0 || endUs >= nowUs),
  );
  return [
    `${replay.nodes[node] ?? ''}${zone === '' ? '' : `, zone ${zone}`}`,
    `: ${STATES[frames.state(node, frame)] ?? ''} to the API, ${pods} ${pods === 1 ? 'pod' : 'pods'}`,
    fault === undefined ? '' : `; hit by fault ${fault.id} (${fault.kind})`,
  ].join('');
}

function outline(context: CanvasRenderingContext2D, x: number, y: number, side: number, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = side > 8 ? 2 : 1.5;
  context.strokeRect(x + 0.75, y + 0.75, side - 1.5, side - 1.5);
}

function layoutOf(frames: Frames, width: number): Layout {
  for (let side = SIDE_MAX; ; side -= side > 12 ? 2 : 1) {
    const layout = layoutWith(frames, Math.max(SIDE_MIN, side), width);
    if (layout.height <= HEIGHT_WANTED || side <= SIDE_MIN) return layout;
  }
}

function layoutWith({ order, zoneOf, replay }: Frames, side: number, width: number): Layout {
  const columns = Math.max(1, Math.floor(width / side));
  const left = new Float64Array(order.length);
  const top = new Float64Array(order.length);
  const heads: { text: string; top: number }[] = [];
  const hasHeads = replay.zones.length > 1;
  let y = 0;
  let column = 0;
  order.forEach((node, place) => {
    const zone = zoneOf[node] ?? 0;
    const isNew = place === 0 || zoneOf[order[place - 1] as number] !== zone;
    if (isNew && place > 0) y += side + ZONE_GAP;
    if (isNew && hasHeads) {
      heads.push({ text: `zone ${replay.zones[zone] ?? ''}`, top: y });
      y += ZONE_HEAD;
    }
    if (isNew) column = 0;
    else if (column === columns) {
      column = 0;
      y += side;
    }
    left[place] = column * side;
    top[place] = y;
    column++;
  });
  return { side, columns, height: Math.ceil(y + side), left, top, heads };
}
