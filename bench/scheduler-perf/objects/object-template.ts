/**
 * From a template file and its parameters to the API objects of indexes 0, 1, 2 …
 *
 * Objects are plain data and share what does not depend on the index. What cannot be an object is the user's error: it is
 * thrown as a UserError with the place in the template.
 */
import type { KubeObject } from '../../../core/types/object.ts';
import { ProblemList, UserError } from '../../../scenarios/problem.ts';
import { readYaml } from '../../../scenarios/yaml-source.ts';
import type { GoTemplate } from '../go-template/template.ts';
import { type GoMap, type GoValue, TemplateError } from '../go-template/tree.ts';
import { withFieldNames } from './field-names.ts';
import { type ObjectPattern, patternOf } from './object-pattern.ts';

/** What a file without apiVersion and kind is taken for; null where it must say so. */
export type ExpectedKind = 'Pod' | 'Node' | null;

/** A template bound to its parameters and number of objects. */
export class ObjectTemplate {
  readonly template: GoTemplate;
  readonly #data: GoMap;
  /** The data with the index of the present call. */
  readonly #indexed: { [name: string]: GoValue; Index: number };
  readonly #expected: ExpectedKind;
  readonly #workload: string;
  #pattern: ObjectPattern | null | undefined;
  /** The last value that was completed, and what came of it: the same for every index where nothing depends on that. */
  #value: unknown;
  #completed: KubeObject | null = null;

  /** `params`: what the template finds beside `.Index` and `.Count`; `workload`: whose they are. */
  constructor(template: GoTemplate, params: GoMap, count: number, workload: string, expected: ExpectedKind = null) {
    this.template = template;
    this.#data = { ...params, Count: count };
    this.#indexed = { ...this.#data, Index: 0 };
    this.#expected = expected;
    this.#workload = workload;
  }

  /** The object of one index. @throws UserError */
  at(index: number): KubeObject {
    const data = this.#indexed;
    data.Index = index;
    try {
      const first = this.#pattern === undefined ? this.#parsed(data) : null;
      if (this.#pattern === undefined) this.#pattern = patternOf(this.template.nodes, this.#data);
      const value = first ?? this.#pattern?.(data) ?? this.#parsed(data);
      if (this.#completed === null || value !== this.#value) this.#completed = this.#complete(value);
      this.#value = value;
      return this.#completed;
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      const place = this.template.place(error.offset);
      const message = `${this.#workload}: ${error.message} (index ${index})`;
      throw new UserError([{ severity: 'error', ...place, code: 'SPF-022', message }]);
    }
  }

  /** The long way: the text of this index, read as YAML. */
  #parsed(data: GoMap): unknown {
    const problems = new ProblemList();
    const { file } = this.template;
    const [document, second] = readYaml(file, this.template.render(data), problems, 'SPF');
    problems.throwIfErrors();
    const place = document?.place([]) ?? { file, line: 1, column: 1 };
    const value = document?.value;
    if (second !== undefined) problems.error(second.place([]), 'SPF-023', 'one object is expected, this is a second');
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      problems.error(place, 'SPF-023', 'an object is expected: apiVersion, kind, metadata');
    } else if (this.#expected === null) {
      const { apiVersion, kind } = withFieldNames(value, '') as Partial<KubeObject>;
      if (typeof apiVersion !== 'string') problems.error(place, 'SPF-023', 'the object has no apiVersion');
      if (typeof kind !== 'string') problems.error(place, 'SPF-023', 'the object has no kind');
    }
    problems.throwIfErrors();
    return withFieldNames(value, '');
  }

  #complete(value: unknown): KubeObject {
    const object = value as KubeObject;
    const hasMetadata = typeof object.metadata === 'object' && object.metadata !== null;
    if (hasMetadata && (this.#expected === null || (object.kind === this.#expected && object.apiVersion === 'v1'))) {
      return object;
    }
    const type = this.#expected === null ? {} : { apiVersion: 'v1', kind: this.#expected };
    return { ...object, ...type, ...(hasMetadata ? {} : { metadata: { name: '' } }) };
  }
}
