/**
 * The templates of one command, each read once however many workloads name it.
 */
import path from 'node:path';
import type { ProblemList } from '../../../scenarios/problem.ts';
import { GoTemplate } from '../go-template/template.ts';

export class TemplateFiles {
  readonly #known = new Map<string, GoTemplate | null>();

  /** The template `name` names, relative to the folder of `file`; null with problems, which are told once. */
  read(file: string, name: string, problems: ProblemList): GoTemplate | null {
    const found = path.join(path.dirname(file), name);
    const known = this.#known.get(found);
    if (known !== undefined) return known;
    const template = GoTemplate.read(found, problems);
    this.#known.set(found, template);
    return template;
  }
}
