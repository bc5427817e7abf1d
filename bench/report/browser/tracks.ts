/**
 * The rows above the picture of nodes that share its time axis: ticks, faults, leaders, pending pods.
 */
import { timeTicks } from '../page/axis.ts';
import type { Palette } from './colours.ts';
import { element } from './element.ts';
import type { Frames } from './frames.ts';

/** Rows of faults drawn; the table has them all. */
const FAULT_ROWS_MAX = 12;

/** A row: its label and what stands on the time axis. */
export interface Track {
  readonly label: HTMLElement;
  readonly body: HTMLElement;
  /** Draws it again, in other colours or another size. */
  draw(palette: Palette): void;
}

/** The axis. */
export function tickTrack({ replay }: Frames): Track {
  const body = element('div', 'track ticks');
  const draw = (): void => {
    const { endUs } = replay;
    const ticks = timeTicks(endUs, Math.max(2, body.clientWidth / 90));
    body.replaceChildren(
      ...ticks
        .filter(({ value }) => value <= endUs)
        .map(({ value, label }) => {
          const tick = element('span', value > endUs * 0.97 ? 'end' : '', label);
          tick.style.left = `${(value / endUs) * 100}%`;
          return tick;
        }),
    );
  };
  return { label: element('div', 'label'), body, draw };
}

/** A row for each fault. */
export function faultTracks({ replay }: Frames): Track[] {
  const { faults, endUs } = replay;
  return faults.slice(0, FAULT_ROWS_MAX).map(({ id, kind, targets, targetCount, beginUs, endUs: faultEndUs }) => {
    const body = element('div', 'track');
    const hit = targetCount === 1 ? (targets[0] ?? '') : `${targetCount} targets`;
    const band = element('div', 'segment fault', targetCount === 0 ? 'hit nothing' : `${kind}: ${hit}`);
    place(band, beginUs, faultEndUs < 0 ? endUs : faultEndUs, endUs);
    body.append(band);
    return { label: labelOf(id, `fault ${id}`), body, draw: () => {} };
  });
}

/** A row for each lease. */
export function leaderTracks({ replay }: Frames): Track[] {
  const { leaders, endUs } = replay;
  return Object.entries(leaders).map(([lease, changes]) => {
    const body = element('div', 'track');
    changes.forEach(({ timeUs, holder }, index) => {
      const kind = holder === '' ? 'nobody' : index % 2 === 0 ? 'leader' : 'leader odd';
      const segment = element('div', `segment ${kind}`, holder === '' ? 'nobody' : holder);
      place(segment, timeUs, changes[index + 1]?.timeUs ?? endUs, endUs);
      body.append(segment);
    });
    return { label: labelOf(lease.replace(/^kube-/, ''), `leader by lease ${lease}`), body, draw: () => {} };
  });
}

/** A series as an area from zero to its largest value. */
export function areaTrack(name: string, values: readonly number[], series: number): Track {
  const max = values.reduce((most, value) => Math.max(most, value), 0);
  const canvas = element('canvas', '');
  const body = element('div', 'track area', canvas);
  const draw = (palette: Palette): void => {
    const { context, width, height } = fitCanvas(canvas);
    context.clearRect(0, 0, width, height);
    if (max === 0) return;
    context.fillStyle = palette.series[series] ?? palette.ink;
    const step = width / values.length;
    values.forEach((value, frame) => {
      const tall = value === 0 ? 0 : Math.max(1, (value / max) * (height - 2));
      context.fillRect(frame * step, height - tall, step + 0.5, tall);
    });
  };
  return { label: labelOf(`${name}, max ${max}`, name), body, draw };
}

/** A canvas in device pixels; what is drawn counts in CSS pixels. */
export function fitCanvas(canvas: HTMLCanvasElement): {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
} {
  const ratio = devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas');
  context.scale(ratio, ratio);
  return { context, width, height };
}

/** A row's label. */
export function labelOf(text: string, title: string): HTMLElement {
  const label = element('div', 'label', text);
  label.title = title;
  return label;
}

function place(segment: HTMLElement, fromUs: number, toUs: number, endUs: number): void {
  segment.style.left = `${(fromUs / endUs) * 100}%`;
  segment.style.width = `${(Math.max(0, toUs - fromUs) / endUs) * 100}%`;
  segment.title = segment.textContent ?? '';
}
