/**
 * Pods and nodes over time as lines that can be zoomed: drag over a stretch, or use the buttons.
 */
import type uPlotType from 'uplot';
import { timeLabel } from '../page/axis.ts';
import { type Palette, readPalette } from './colours.ts';
import { element } from './element.ts';
import type { Frames } from './frames.ts';

declare const uPlot: typeof uPlotType;

const HEIGHT = 240;
const SECOND_US = 1_000_000;
/** Tick steps of a time axis in seconds. */
const STEPS = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400];

/** The plot with its buttons. */
export class SeriesPlot {
  readonly figure: HTMLElement;
  readonly #plot: uPlotType;
  readonly #holder: HTMLElement;
  readonly #endS: number;
  #palette: Palette;

  constructor(frames: Frames, width: number) {
    const { replay } = frames;
    this.#palette = readPalette();
    this.#endS = replay.endUs / SECOND_US;
    this.#holder = element('div', '');
    const times = frames.pending.map((_, frame) => (frame * replay.frameUs) / SECOND_US);
    const data = [
      times,
      [...frames.readyPods],
      [...frames.pending],
      [...frames.notReadyPods],
      [...frames.notReadyNodes],
    ];
    this.#plot = new uPlot(this.#options(width), data as uPlotType.AlignedData, this.#holder);
    this.figure = element(
      'figure',
      'chart',
      element('figcaption', '', 'Pods and nodes over virtual time'),
      this.#buttons(),
      this.#holder,
    );
  }

  /** Other colours, or another width. */
  redraw(palette: Palette): void {
    this.#palette = palette;
    const width = this.figure.clientWidth;
    if (width > 0) this.#plot.setSize({ width, height: HEIGHT });
    this.#plot.redraw(false, true);
  }

  #options(width: number): uPlotType.Options {
    const line = (label: string, index: number, scale: string, dash?: number[]): uPlotType.Series => ({
      label,
      scale,
      stroke: () => this.#palette.series[index] ?? '',
      width: 1.5,
      points: { show: false },
      ...(dash === undefined ? {} : { dash }),
    });
    const axis = (label: string, scale: string, side: 0 | 1 | 2 | 3): uPlotType.Axis => ({
      label,
      scale,
      side,
      stroke: () => this.#palette.soft,
      grid: { show: side !== 1, stroke: () => this.#palette.rule, width: 1 },
      ticks: { stroke: () => this.#palette.rule, width: 1 },
      font: '12px system-ui, sans-serif',
      labelFont: '12px system-ui, sans-serif',
      size: 56,
      labelSize: 20,
    });
    return {
      width,
      height: HEIGHT,
      scales: { x: { time: false }, ready: { range: fromZero }, y: { range: fromZero } },
      axes: [
        {
          ...axis('', 'x', 2),
          size: 32,
          incrs: STEPS,
          values: (_plot, values) => values.map((value) => timeLabel(Math.round(value * SECOND_US))),
        },
        axis('pods Ready', 'ready', 3),
        axis('pending, not Ready', 'y', 1),
      ],
      series: [
        { label: 'time', value: (_plot, value) => (value === null ? '–' : timeLabel(Math.round(value * SECOND_US))) },
        line('pods Ready', 0, 'ready'),
        line('pods pending', 1, 'y'),
        line('pods not Ready', 3, 'y', [6, 3]),
        line('nodes not Ready', 2, 'y', [2, 3]),
      ],
      cursor: { drag: { x: true, y: false } },
    };
  }

  #buttons(): HTMLElement {
    const zoom = (factor: number, shift: number) => (): void => {
      const { min = 0, max = this.#endS } = this.#plot.scales['x'] ?? {};
      const from = min ?? 0;
      const span = (max ?? this.#endS) - from;
      const wanted = Math.min(this.#endS, span * factor);
      const middle = from + span / 2 + span * shift;
      const begin = Math.max(0, Math.min(this.#endS - wanted, middle - wanted / 2));
      this.#plot.setScale('x', { min: begin, max: begin + wanted });
    };
    const button = (text: string, label: string, act: () => void): HTMLButtonElement => {
      const made = element('button', '', text);
      made.type = 'button';
      made.setAttribute('aria-label', label);
      made.addEventListener('click', act);
      return made;
    };
    return element(
      'p',
      'controls',
      button('+', 'Zoom in', zoom(0.5, 0)),
      button('−', 'Zoom out', zoom(2, 0)),
      button('←', 'Earlier', zoom(1, -0.5)),
      button('→', 'Later', zoom(1, 0.5)),
      button('All', 'Show all', zoom(Number.MAX_SAFE_INTEGER, 0)),
      element('span', 'note', 'or drag over a stretch; worst value of each frame'),
    );
  }
}

function fromZero(_plot: uPlotType, _min: number, max: number): [number, number] {
  return [0, Math.max(1, (max ?? 1) * 1.05)];
}
