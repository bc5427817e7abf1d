/**
 * A template file: its text, its tree, and where in the file something is wrong.
 */
import { readTextFile } from '../../../scenarios/files.ts';
import type { Place, ProblemList } from '../../../scenarios/problem.ts';
import { runTemplate } from './evaluate.ts';
import { parseTemplate } from './parse.ts';
import { type GoMap, TemplateError, type TemplateNode } from './tree.ts';

/** Largest template file, bytes. */
const FILE_BYTES_MAX = 1024 * 1024;

/** One template. Immutable. */
export class GoTemplate {
  readonly file: string;
  readonly source: string;
  readonly nodes: readonly TemplateNode[];

  /** @throws TemplateError for a broken template */
  constructor(file: string, source: string) {
    this.file = file;
    this.source = source;
    this.nodes = parseTemplate(source);
  }

  /** Reads a file; null with problems (code SPF-020 when it cannot be read, SPF-021 when it is broken). */
  static read(file: string, problems: ProblemList): GoTemplate | null {
    const source = readTextFile(file, problems, 'SPF-020', FILE_BYTES_MAX);
    if (source === null) return null;
    try {
      return new GoTemplate(file, source);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      problems.error(placeIn(file, source, error.offset), 'SPF-021', `broken template: ${error.message}`);
      return null;
    }
  }

  /** The text for `data`. @throws TemplateError */
  render(data: GoMap): string {
    return runTemplate(this.nodes, data);
  }

  /** Line and column of an offset. */
  place(offset: number): Place {
    return placeIn(this.file, this.source, offset);
  }
}

function placeIn(file: string, source: string, offset: number): Place {
  const before = source.slice(0, offset);
  const line = before.split('\n').length;
  return { file, line, column: offset - before.lastIndexOf('\n') };
}
