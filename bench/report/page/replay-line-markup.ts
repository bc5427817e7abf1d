/**
 * Command lines that a reader can copy: each finding has one.
 */
import { html, type Markup } from './markup.ts';

/** One line with a button that copies it; without scripts the line can still be selected. */
export function commandMarkup(line: string): Markup {
  return html`<div class="command"><code>${line}</code><button type="button" class="copy" data-copy="${line}">Copy</button></div>`;
}
