/**
 * HTML text that is safe by construction: what is put into a template is escaped unless it is markup itself.
 */

/** A piece of finished HTML. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes: nothing for null, undefined and false; lists one after the other. */
export type Part = Markup | string | number | null | undefined | false | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for element content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Template tag: html`<p class="${name}">${parts}</p>`. Attribute values must stand in double quotes. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let joined = texts[0] ?? '';
  parts.forEach((part, index) => {
    joined += textOf(part) + (texts[index + 1] ?? '');
  });
  return new Markup(joined);
}

/** Text for a script of type application/json: cannot end the script, whatever is in it. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

function textOf(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'string') return escapeHtml(part);
  return typeof part === 'number' ? String(part) : part.map(textOf).join('');
}
