/**
 * Colours of the canvases, read from the page's style so that light and dark are said once.
 */
import { STATE_AWAY, STATE_CORDONED, STATE_READY } from './frames.ts';

/** Red, green, blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** What canvases draw with. */
export interface Palette {
  readonly ink: string;
  readonly soft: string;
  readonly rule: string;
  readonly paper: string;
  readonly faultEdge: string;
  readonly series: readonly string[];
  readonly heat0: Rgb;
  readonly heat1: Rgb;
  readonly away: Rgb;
  readonly cordoned: Rgb;
  readonly absent: Rgb;
}

/** The colours that hold now. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: colour('ink'),
    soft: colour('soft'),
    rule: colour('rule'),
    paper: colour('paper'),
    faultEdge: colour('fault-edge'),
    series: [colour('s0'), colour('s1'), colour('s2'), colour('s3')],
    heat0: rgbOf(colour('heat0')),
    heat1: rgbOf(colour('heat1')),
    away: rgbOf(colour('away')),
    cordoned: rgbOf(colour('cordoned')),
    absent: rgbOf(colour('absent')),
  };
}

/** Colour of a node: by its state, and when it is Ready by its pods' share of the most that any node had. */
export function nodeColour(palette: Palette, state: number, share: number): Rgb {
  if (state === STATE_AWAY) return palette.away;
  if (state === STATE_CORDONED) return palette.cordoned;
  if (state !== STATE_READY) return palette.absent;
  const { heat0, heat1 } = palette;
  const mix = (channel: 0 | 1 | 2): number => Math.round(heat0[channel] + (heat1[channel] - heat0[channel]) * share);
  return [mix(0), mix(1), mix(2)];
}

/** `rgb(…)` of a colour. */
export function cssOf([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}

function rgbOf(text: string): Rgb {
  const digits = text.length === 4 ? text.slice(1).replace(/./g, '$&$&') : text.slice(1, 7);
  const value = Number.parseInt(digits, 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
