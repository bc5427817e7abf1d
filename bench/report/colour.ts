/**
 * When to colour, and with what.
 *
 * Always: flag, then FORCE_COLOR, then NO_COLOR, then whether the stream is a terminal that is not TERM=dumb. Reports and
 * files never hold colour codes; only text for a terminal does.
 */
import picocolors from 'picocolors';

/** How text for a stream looks: functions that colour it, or leave it alone, and the room it has. */
export type Colours = ReturnType<typeof picocolors.createColors> & {
  /** Width of the terminal in columns; absent where there is none, and lines may be as long as they like. */
  readonly columns?: number | undefined;
};

/** What the decision depends on. */
export interface ColourInput {
  /** `--color` (true), `--no-color` (false) or neither. */
  readonly flag: boolean | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the stream written to is a terminal. */
  readonly isTty: boolean;
}

/** Whether text for the stream is coloured. */
export function wantsColour(input: ColourInput): boolean {
  if (input.flag !== undefined) return input.flag;
  const forced = input.env['FORCE_COLOR'] ?? '';
  if (forced !== '') return forced !== '0' && forced !== 'false';
  if ((input.env['NO_COLOR'] ?? '') !== '') return false;
  return input.isTty && input.env['TERM'] !== 'dumb';
}

/** Colour functions that do nothing when `enabled` is false; `columns` = width of the terminal, if it is one. */
export function makeColours(enabled: boolean, columns?: number): Colours {
  return { ...picocolors.createColors(enabled), columns };
}
