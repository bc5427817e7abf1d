/**
 * Links of the README and of docs/ to files and headings of the project: each has to lead somewhere.
 */
import path from 'node:path';
import type { Finding } from './finding.ts';
import { lineOf } from './source-text.ts';

const LINK = /\]\(([^)\s]+)\)/g;
const HEADING = /^#{1,6} (.+)$/gm;

/** A page with its path, relative to the root. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Relative links of the pages that name no file among `files`, or no heading of a page. Links with a scheme are not looked at. */
export function checkLinks(pages: readonly Page[], files: readonly string[]): readonly Finding[] {
  const anchors = new Map(pages.map((page) => [page.path, anchorsOf(page.text)]));
  return pages.flatMap((page) => {
    const text = withoutCode(page.text);
    return [...text.matchAll(LINK)].flatMap((match): Finding[] => {
      const [target = '', anchor] = (match[1] as string).split('#');
      if (/^[a-z]+:/.test(target)) return [];
      const file = target === '' ? page.path : path.posix.join(path.posix.dirname(page.path), target);
      const found = files.includes(file) && (anchor === undefined || anchors.get(file)?.has(anchor) === true);
      return found ? [] : [{ path: page.path, line: lineOf(text, match.index), message: `${match[1]} leads nowhere` }];
    });
  });
}

/** As GitHub makes them: lower case, punctuation dropped, a hyphen for each space. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...withoutCode(text).matchAll(HEADING)].map((match) => match[1] as string);
  return new Set(
    headings.map((each) =>
      each
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** With blocks of code emptied, line by line: a comment in a script is no heading. */
function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, (block) => block.replace(/[^\n]/g, ''));
}
