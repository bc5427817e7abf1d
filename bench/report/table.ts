/**
 * Tables of text: the same rows for a terminal and as Markdown.
 *
 * Always: columns align by display width (wide characters count two); numbers stand right; a cell is one line without
 * control characters; colour is applied after padding and only in `text`.
 */
import stringWidth from 'string-width';
import type { Colours } from './colour.ts';

/** A column. Cells of a right-aligned column are numbers. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** How a cell is coloured on a terminal; nothing else changes. */
export type CellStyle = (text: string, colours: Colours) => string;

/** A cell: text, or text with a style. */
export type Cell = string | { readonly text: string; readonly style: CellStyle };

const GAP = '  ';
/** On a terminal narrower than this a table that does not fit is written a cell a line. */
const WIDE_ENOUGH = 80;

/** Rows under fixed columns. */
export class Table {
  readonly #columns: readonly Column[];
  readonly #rows: (readonly Cell[])[] = [];

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
  }

  /** Adds a row: one cell a column. @throws RangeError when the count differs. */
  add(cells: readonly Cell[]): void {
    if (cells.length !== this.#columns.length) {
      throw new RangeError(`table: ${cells.length} cells for ${this.#columns.length} columns`);
    }
    this.#rows.push(cells);
  }

  get rowCount(): number {
    return this.#rows.length;
  }

  get columns(): readonly Column[] {
    return this.#columns;
  }

  get rows(): readonly (readonly Cell[])[] {
    return this.#rows;
  }

  /** The table for a terminal, with a line feed at the end. */
  text(colours: Colours): string {
    const widths = this.#columns.map((column, index) =>
      this.#rows.reduce((width, row) => Math.max(width, stringWidth(plain(row[index]))), stringWidth(column.title)),
    );
    const header = this.#columns.map((column, index) =>
      colours.bold(pad(column.title, widths[index] ?? 0, column.align, index === this.#columns.length - 1)),
    );
    const width = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1);
    const { columns = WIDE_ENOUGH } = colours;
    if (columns < WIDE_ENOUGH && width > columns) return this.#stacked(colours);
    const lines = this.#rows.map((row) => row.map((cell, index) => this.#cell(cell, index, widths, colours)).join(GAP));
    return `${[header.join(GAP), ...lines].map((line) => line.trimEnd()).join('\n')}\n`;
  }

  /** The same rows as a Markdown table, with a line feed at the end. */
  markdown(): string {
    const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
    const rule = this.#columns.map((column) => (column.align === 'right' ? '---:' : '---'));
    const rows = this.#rows.map((row) => line(row.map((cell) => escapeMarkdown(plain(cell)))));
    return `${[line(this.#columns.map((column) => escapeMarkdown(column.title))), line(rule), ...rows].join('\n')}\n`;
  }

  /** A block a row: its first cell, then a line for each other cell that holds anything. */
  #stacked(colours: Colours): string {
    const blocks = this.#rows.map((row) => {
      const [first = '', ...others] = row;
      const lines = others.map((cell, index) => {
        const text = plain(cell);
        const shown = typeof cell === 'string' ? text : cell.style(text, colours);
        return text === '' ? '' : `  ${this.#columns[index + 1]?.title ?? ''}: ${shown}`;
      });
      return [colours.bold(plain(first)), ...lines.filter((line) => line !== '')].join('\n');
    });
    return blocks.length === 0 ? '' : `${blocks.join('\n')}\n`;
  }

  #cell(cell: Cell, index: number, widths: readonly number[], colours: Colours): string {
    const isLast = index === this.#columns.length - 1;
    const padded = pad(plain(cell), widths[index] ?? 0, this.#columns[index]?.align, isLast);
    return typeof cell === 'string' ? padded : cell.style(padded, colours);
  }
}

/** A cell's text: one line, without control characters. */
export function cellText(cell: Cell): string {
  return plain(cell);
}

function plain(cell: Cell | undefined): string {
  return oneLine(cell === undefined ? '' : typeof cell === 'string' ? cell : cell.text);
}

/** Text of unknown origin as one line without control characters. */
export function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

function pad(text: string, width: number, align: Column['align'], isLast: boolean): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)));
  if (align === 'right') return space + text;
  return isLast ? text : text + space;
}

/** Keeps a cell's text from being read as table or markup. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\|`*_<>[\]]/g, (character) => `\\${character}`);
}
