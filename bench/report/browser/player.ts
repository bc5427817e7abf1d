/**
 * One replay on the page: slider, tracks, picture of nodes and lines, all at the same instant.
 */
import type { ClusterReplay } from '../../replay/cluster-replay.ts';
import { timeLabel } from '../page/axis.ts';
import { type Palette, readPalette } from './colours.ts';
import { element } from './element.ts';
import { type Frames, readFrames } from './frames.ts';
import { heatTrack } from './heat-track.ts';
import { SeriesPlot } from './series-plot.ts';
import { Snapshot } from './snapshot.ts';
import { areaTrack, faultTracks, labelOf, leaderTracks, type Track, tickTrack } from './tracks.ts';

const PLAY_STEP_MS = 60;
const PAGE_FRAMES = 10;

/** One replay. */
export class Player {
  readonly #frames: Frames;
  readonly #root: HTMLElement;
  readonly #slider: HTMLInputElement;
  readonly #clock: HTMLOutputElement;
  readonly #play: HTMLButtonElement;
  readonly #cursor: HTMLElement;
  readonly #tracks: HTMLElement;
  readonly #rows: readonly Track[];
  readonly #snapshot: Snapshot;
  readonly #facts: HTMLElement;
  readonly #series: SeriesPlot;
  readonly #instants: readonly HTMLTableRowElement[];
  readonly #stop = new AbortController();
  #frame = 0;
  #timer = 0;

  /** Shows `replay` in `root`; `tables` holds its table of key instants. */
  constructor(root: HTMLElement, replay: ClusterReplay, tables: HTMLElement) {
    const palette = readPalette();
    this.#root = root;
    this.#frames = readFrames(replay);
    this.#slider = sliderOf(this.#frames);
    this.#clock = element('output', '');
    this.#play = element('button', '', 'Play');
    this.#play.type = 'button';
    this.#cursor = element('div', 'cursor');
    this.#rows = [
      ...faultTracks(this.#frames),
      ...leaderTracks(this.#frames),
      areaTrack('pods pending', this.#frames.pending, 1),
      heatTrack(this.#frames, (frame) => this.go(frame)),
      tickTrack(this.#frames),
    ];
    this.#tracks = this.#buildTracks();
    this.#snapshot = new Snapshot(this.#frames, palette);
    this.#facts = element('dl', '');
    this.#instants = [...tables.querySelectorAll<HTMLTableRowElement>('tr[id^="t"]')];
    root.replaceChildren(this.#buildControls(), this.#tracks, this.#buildSnapshot(), legend(replay));
    this.#series = new SeriesPlot(this.#frames, Math.max(280, root.clientWidth));
    root.append(this.#series.figure);
    this.#linkInstants();
    this.#listen();
    this.redraw(palette);
    this.go(this.#firstFault());
  }

  /** Goes to a frame. */
  go(frame: number): void {
    this.#frame = Math.max(0, Math.min(this.#frames.count - 1, frame));
    this.#slider.value = String(this.#frame);
    const text = this.#instantText();
    this.#slider.setAttribute('aria-valuetext', text);
    this.#clock.textContent = text;
    this.#moveCursor();
    this.#snapshot.show(this.#frame);
    this.#showFacts();
  }

  /** Other colours, or another size. */
  redraw(palette: Palette): void {
    for (const row of this.#rows) row.draw(palette);
    this.#snapshot.redraw(palette);
    this.#series.redraw(palette);
    this.#moveCursor();
  }

  /** Takes the replay off the page. */
  close(): void {
    clearInterval(this.#timer);
    this.#stop.abort();
    this.#root.replaceChildren();
  }

  get #nowUs(): number {
    const { frameUs, endUs } = this.#frames.replay;
    return Math.min(endUs, (this.#frame + 1) * frameUs);
  }

  #instantText(): string {
    return `${timeLabel(this.#nowUs)} of ${timeLabel(this.#frames.replay.endUs)}`;
  }

  #firstFault(): number {
    const { faults, frameUs } = this.#frames.replay;
    const firstUs = Math.min(...faults.map(({ beginUs }) => beginUs));
    return Number.isFinite(firstUs) ? Math.floor(firstUs / frameUs) : 0;
  }

  #buildControls(): HTMLElement {
    return element('div', 'controls', this.#play, this.#clock);
  }

  #buildTracks(): HTMLElement {
    const tracks = element('div', 'tracks');
    tracks.append(labelOf('virtual time', 'virtual time'), element('div', 'track slider', this.#slider));
    for (const { label, body } of this.#rows) tracks.append(label, body);
    tracks.append(this.#cursor);
    return tracks;
  }

  #buildSnapshot(): HTMLElement {
    const picture = element('div', '', this.#snapshot.canvas, this.#snapshot.detail);
    return element('div', 'snapshot', picture, this.#facts);
  }

  #listen(): void {
    const { signal } = this.#stop;
    this.#slider.addEventListener('input', () => this.go(Number(this.#slider.value)), { signal });
    this.#slider.addEventListener(
      'keydown',
      (event) => {
        if (event.key !== 'PageUp' && event.key !== 'PageDown') return;
        event.preventDefault();
        this.go(this.#frame + (event.key === 'PageUp' ? PAGE_FRAMES : -PAGE_FRAMES));
      },
      { signal },
    );
    this.#play.addEventListener('click', () => this.#togglePlay(), { signal });
    addEventListener('resize', () => this.redraw(readPalette()), { signal });
  }

  #togglePlay(): void {
    if (this.#timer !== 0) {
      clearInterval(this.#timer);
      this.#timer = 0;
    } else {
      if (this.#frame >= this.#frames.count - 1) this.go(0);
      this.#timer = setInterval(() => {
        this.go(this.#frame + 1);
        if (this.#frame >= this.#frames.count - 1) this.#togglePlay();
      }, PLAY_STEP_MS);
    }
    this.#play.textContent = this.#timer === 0 ? 'Play' : 'Pause';
  }

  #moveCursor(): void {
    const track = this.#slider.parentElement;
    if (track === null) return;
    const share = this.#nowUs / this.#frames.replay.endUs;
    this.#cursor.style.left = `${track.offsetLeft + share * track.clientWidth}px`;
  }

  /** Key instants become buttons that go there. */
  #linkInstants(): void {
    const { timeline, frameUs } = this.#frames.replay;
    this.#instants.forEach((row, index) => {
      const cell = row.cells[0];
      const timeUs = timeline[index]?.timeUs ?? 0;
      if (cell === undefined) return;
      const button = element('button', 'jump', cell.textContent ?? '');
      button.type = 'button';
      button.addEventListener('click', () => this.go(Math.floor(timeUs / frameUs)), { signal: this.#stop.signal });
      cell.replaceChildren(button);
    });
  }

  #showFacts(): void {
    const { replay, readyPods, pending, notReadyPods, notReadyNodes } = this.#frames;
    const nowUs = this.#nowUs;
    const frame = this.#frame;
    const active = replay.faults.filter(({ beginUs, endUs }) => beginUs < nowUs && (endUs < 0 || endUs >= nowUs));
    const facts: [string, string][] = [
      ['pods Ready', String(readyPods[frame] ?? 0)],
      ['pods not Ready', String(notReadyPods[frame] ?? 0)],
      ['pods pending', String(pending[frame] ?? 0)],
      ['nodes not Ready', `${notReadyNodes[frame] ?? 0} of ${replay.nodes.length}`],
      ['faults active', active.map(({ id }) => id).join(', ') || 'none'],
    ];
    for (const [lease, changes] of Object.entries(replay.leaders)) {
      const holder = changes.findLast(({ timeUs }) => timeUs <= nowUs)?.holder ?? '';
      facts.push([lease.replace(/^kube-/, ''), holder === '' ? 'nobody' : holder]);
    }
    this.#facts.replaceChildren(
      ...facts.flatMap(([name, value]) => [element('dt', '', name), element('dd', '', value)]),
    );
    const current = replay.timeline.findLastIndex(({ timeUs }) => timeUs <= nowUs);
    this.#instants.forEach((row, index) => row.classList.toggle('now', index === current));
  }
}

function sliderOf({ count }: Frames): HTMLInputElement {
  const slider = element('input', '');
  slider.type = 'range';
  slider.min = '0';
  slider.max = String(Math.max(0, count - 1));
  slider.step = '1';
  slider.setAttribute('aria-label', 'Virtual time');
  return slider;
}

function legend({ podsMax }: ClusterReplay): HTMLElement {
  const swatch = (kind: string): HTMLElement => element('span', `swatch ${kind}`);
  return element(
    'p',
    'key',
    swatch('ramp first'),
    `Ready, 0 to ${podsMax} pods`,
    swatch('away'),
    'not Ready',
    swatch('cordoned'),
    'cordoned',
    swatch('power'),
    'hit by a fault',
    swatch('absent'),
    'no such node',
  );
}
