/**
 * Runs a template's tree on its data. Source: Go text/template exec.go.
 *
 * A field that the data does not have is nothing in a condition and an error where it would be printed or calculated with:
 * a missing parameter never becomes the text `<no value>` in an object.
 */
import { printed, typeName } from './format.ts';
import { FUNCTIONS, isTrue } from './functions.ts';
import {
  type Branch,
  type Command,
  type FieldChain,
  GoFloat,
  type GoMap,
  type GoValue,
  type Operand,
  type Pipeline,
  TemplateError,
  type TemplateNode,
} from './tree.ts';

/** Longest text that one run may give: a range over a range is no reason to run out of memory. */
const TEXT_MAX = 16 * 1024 * 1024;
/** Most nodes that one run may pass; also the most passes of a range over a number. */
const STEPS_MAX = 2_000_000;

/** Variables in scope, innermost last. */
interface Binding {
  readonly name: string;
  value: GoValue;
}

type Flow = 'on' | 'break' | 'continue';

/** The text of a template for `data`. @throws TemplateError */
export function runTemplate(nodes: readonly TemplateNode[], data: GoMap): string {
  return new Run(data).text(nodes);
}

/** The value of one pipeline for `data`. @throws TemplateError */
export function evaluatePipeline(pipeline: Pipeline, data: GoMap): GoValue {
  return new Run(data).pipeline(pipeline, data);
}

/** A value as an action prints it. @throws TemplateError where there is none */
export function actionText(value: GoValue, offset: number): string {
  if (value === null) throw new TemplateError(offset, 'there is no value to print');
  return printed(value);
}

class Run {
  readonly #bindings: Binding[];
  #text = '';
  #steps = 0;

  constructor(data: GoMap) {
    this.#bindings = [{ name: '$', value: data }];
  }

  text(nodes: readonly TemplateNode[]): string {
    this.#list(nodes, this.#bindings[0]?.value ?? null);
    return this.#text;
  }

  pipeline(pipeline: Pipeline, dot: GoValue): GoValue {
    let value: GoValue = null;
    let final = false;
    for (const command of pipeline.commands) {
      value = this.#command(command, dot, final ? [value] : []);
      final = true;
    }
    for (const name of pipeline.variables) this.#bind(name, value, pipeline.assigns);
    return value;
  }

  #bind(name: string, value: GoValue, assigns: boolean): void {
    const known = assigns ? this.#bindings.findLast((binding) => binding.name === name) : undefined;
    if (known === undefined) this.#bindings.push({ name, value });
    else known.value = value;
  }

  #list(nodes: readonly TemplateNode[], dot: GoValue): Flow {
    for (const node of nodes) {
      const flow = this.#node(node, dot);
      if (flow !== 'on') return flow;
    }
    return 'on';
  }

  #node(node: TemplateNode, dot: GoValue): Flow {
    if (++this.#steps > STEPS_MAX) throw new TemplateError(node.offset, `more than ${STEPS_MAX} steps`);
    switch (node.kind) {
      case 'text':
        this.#write(node.text, node.offset);
        return 'on';
      case 'action': {
        const value = this.pipeline(node.pipeline, dot);
        if (node.pipeline.variables.length === 0) this.#write(actionText(value, node.pipeline.offset), node.offset);
        return 'on';
      }
      case 'break':
      case 'continue':
        return node.kind;
      default:
        return this.#branch(node, dot);
    }
  }

  #write(text: string, offset: number): void {
    this.#text += text;
    if (this.#text.length > TEXT_MAX) throw new TemplateError(offset, `the text is longer than ${TEXT_MAX} bytes`);
  }

  #branch(node: Branch, dot: GoValue): Flow {
    const scope = this.#bindings.length;
    const flow = node.kind === 'range' ? this.#range(node, dot) : this.#choose(node, dot);
    this.#bindings.length = scope;
    return flow;
  }

  #choose(node: Branch, dot: GoValue): Flow {
    const value = this.pipeline(node.pipeline, dot);
    if (!isTrue(value)) return this.#list(node.otherwise, dot);
    return this.#list(node.body, node.kind === 'with' ? value : dot);
  }

  #range(node: Branch, dot: GoValue): Flow {
    const { variables, offset } = node.pipeline;
    const value = this.pipeline({ ...node.pipeline, variables: [] }, dot);
    const entries = entriesOf(value, offset);
    const scope = this.#bindings.length;
    for (const [key, item] of entries) {
      this.#bindings.length = scope;
      const given = variables.length === 2 ? [key, item] : [item];
      variables.forEach((name, index) => {
        this.#bind(name, given[index] as GoValue, node.pipeline.assigns);
      });
      const flow = this.#list(node.body, item);
      if (flow === 'break') break;
    }
    return entries.length === 0 ? this.#list(node.otherwise, dot) : 'on';
  }

  #command({ operands, offset }: Command, dot: GoValue, piped: readonly GoValue[]): GoValue {
    const [first, ...rest] = operands;
    if (first.kind !== 'function') {
      if (piped.length > 0) throw new TemplateError(offset, 'only a function takes the value of a pipeline');
      return this.#operand(first, dot);
    }
    return this.#call(first.name, offset, rest, dot, piped);
  }

  #call(name: string, offset: number, rest: readonly Operand[], dot: GoValue, piped: readonly GoValue[]): GoValue {
    const { least, most, call } = FUNCTIONS.get(name) as NonNullable<ReturnType<typeof FUNCTIONS.get>>;
    const count = rest.length + piped.length;
    if (count < least || count > most) {
      const wanted = most === least ? `${least}` : `at least ${least}`;
      throw new TemplateError(offset, `${name} takes ${wanted} arguments, not ${count}`);
    }
    if (name === 'and' || name === 'or') return this.#lazily(name, rest, dot, piped);
    const args = [...rest.map((operand) => this.#operand(operand, dot)), ...piped];
    try {
      return call(args);
    } catch (error) {
      throw new TemplateError(offset, `${name}: ${(error as Error).message}`);
    }
  }

  /** The first argument that decides; those behind it are not evaluated. */
  #lazily(name: 'and' | 'or', rest: readonly Operand[], dot: GoValue, piped: readonly GoValue[]): GoValue {
    let value: GoValue = null;
    for (const operand of rest) {
      value = this.#operand(operand, dot);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return piped.length > 0 ? (piped[0] as GoValue) : value;
  }

  #operand(operand: Operand, dot: GoValue): GoValue {
    switch (operand.kind) {
      case 'literal':
        return operand.value;
      case 'function':
        return this.#call(operand.name, operand.offset, [], dot, []);
      default:
        return this.#chain(operand, dot);
    }
  }

  #chain({ start, fields, offset }: FieldChain, dot: GoValue): GoValue {
    let value: GoValue = dot;
    if (typeof start !== 'string') value = this.pipeline(start, dot);
    else if (start !== '.') value = this.#bindings.findLast(({ name }) => name === start)?.value ?? null;
    for (const field of fields) {
      if (value === null || typeof value !== 'object' || Array.isArray(value) || value instanceof GoFloat) {
        throw new TemplateError(offset, `${typeName(value)} has no field ${field}`);
      }
      const map = value as GoMap;
      value = Object.hasOwn(map, field) ? (map[field] as GoValue) : null;
    }
    return value;
  }
}

/** What a range passes over: lists, maps by key, numbers from 0. */
function entriesOf(value: GoValue, offset: number): readonly (readonly [GoValue, GoValue])[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value.map((item: GoValue, index) => [index, item]);
  if (typeof value === 'number') {
    if (value > STEPS_MAX) throw new TemplateError(offset, `a range over ${value}, at most ${STEPS_MAX}`);
    return Array.from({ length: Math.max(0, value) }, (_, index) => [index, index]);
  }
  if (typeof value !== 'object' || value instanceof GoFloat) {
    throw new TemplateError(offset, `range cannot go over ${typeName(value)}`);
  }
  const map = value as GoMap;
  return Object.keys(map)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((key) => [key, map[key] as GoValue]);
}
