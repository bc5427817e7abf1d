/**
 * Tables of a report page, from the same rows that the terminal shows.
 */
import { cellText, type Table } from '../table.ts';
import { html, type Markup, type Part } from './markup.ts';

/** How a table is shown. */
export interface TableLook {
  /** Read out before the table. */
  readonly caption: string;
  /** What stands in a cell instead of its text; undefined = the text. */
  readonly cell?: ((row: number, column: number, text: string) => Part | undefined) | undefined;
  /** Anchor of a row; '' = none. */
  readonly rowId?: ((row: number) => string) | undefined;
}

/** The table in a frame that scrolls sideways where the page is narrow. */
export function tableMarkup(table: Table, look: TableLook): Markup {
  const align = table.columns.map(({ align: side }) => (side === 'right' ? 'n' : ''));
  const rows = table.rows.map((cells, row) => {
    const id = look.rowId?.(row) ?? '';
    const shown = cells.map((cell, column) => {
      const text = cellText(cell);
      const content = look.cell?.(row, column, text) ?? text;
      if (column === 0) return html`<th scope="row">${content}</th>`;
      return align[column] === '' ? html`<td>${content}</td>` : html`<td class="n">${content}</td>`;
    });
    return id === '' ? html`<tr>${shown}</tr>\n` : html`<tr id="${id}">${shown}</tr>\n`;
  });
  const head = table.columns.map(({ title }, column) =>
    align[column] === '' ? html`<th scope="col">${title}</th>` : html`<th scope="col" class="n">${title}</th>`,
  );
  return html`<div class="scroll" role="region" aria-label="${look.caption}" tabindex="0"><table>
<caption>${look.caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${rows}</tbody></table></div>`;
}

/** A table that is folded away under a chart which shows the same. */
export function foldedTable(table: Table, caption: string): Markup {
  return html`<details class="data"><summary>${caption} as a table</summary>${tableMarkup(table, { caption })}</details>`;
}
