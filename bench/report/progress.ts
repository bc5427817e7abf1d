/**
 * Progress on standard error: one redrawn line on a terminal; elsewhere, as in the log of a pipeline, a line after 5 s and then every 30 s.
 *
 * Always: at most ten redraws a second, the first at once; what is over in less than 5 s leaves no line in a log; the redrawn line never wraps and is removed at
 * the end, so the terminal keeps only results. Whoever writes results to a terminal calls `clear()` before.
 */
import stringWidth from 'string-width';

const REDRAW_INTERVAL_MS = 100;
const FIRST_LINE_MS = 5_000;
const LINE_INTERVAL_MS = 30_000;
const ERASE_LINE = '\r\u001b[2K';

/** How progress is shown. */
export type ProgressMode = 'redraw' | 'lines' | 'silent';

export interface ProgressOptions {
  readonly write: (text: string) => void;
  readonly mode: ProgressMode;
  /** Width of the terminal in columns. */
  readonly columns: number;
  /** A monotonic clock in milliseconds. */
  readonly nowMs: () => number;
}

/** One progress display. */
export class ProgressWriter {
  readonly #options: ProgressOptions;
  #shownAtMs = Number.NEGATIVE_INFINITY;
  #visible = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    if (options.mode === 'lines') this.#shownAtMs = options.nowMs() + FIRST_LINE_MS - LINE_INTERVAL_MS;
  }

  /** Shows `text()` when it is time to; the function is not called otherwise. */
  update(text: () => string): void {
    const { mode, nowMs } = this.#options;
    if (mode === 'silent') return;
    const now = nowMs();
    if (now - this.#shownAtMs < (mode === 'redraw' ? REDRAW_INTERVAL_MS : LINE_INTERVAL_MS)) return;
    this.#shownAtMs = now;
    this.#show(text());
  }

  /** Removes the redrawn line, so that other text can be written; the next update draws it again. */
  clear(): void {
    if (this.#visible) this.#options.write(ERASE_LINE);
    this.#visible = false;
  }

  /** Ends the display; `summary`, when given, stays as a line of its own. */
  finish(summary?: string): void {
    this.clear();
    if (summary !== undefined && this.#options.mode !== 'silent') this.#options.write(`${oneLine(summary)}\n`);
  }

  #show(text: string): void {
    if (this.#options.mode === 'lines') {
      this.#options.write(`${oneLine(text)}\n`);
      return;
    }
    this.#options.write(`${ERASE_LINE}${truncate(oneLine(text), this.#options.columns - 1)}`);
    this.#visible = true;
  }
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}

/** Cuts text to a width in columns. */
function truncate(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const character of text) {
    width += stringWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}
