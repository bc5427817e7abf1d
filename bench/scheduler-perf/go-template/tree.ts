/**
 * What a template is made of once it is read: text, actions, and the control structures of Go's text/template.
 *
 * Every node knows its offset in the source, so that a failure of a run can be shown at `file:line:column`.
 */

/** A literal of the template language. */
export interface Literal {
  readonly kind: 'literal';
  readonly offset: number;
  readonly value: GoValue;
}

/** `.A.B`, `$x.A`, `(…).A` or `.` itself: a start and names that are looked up one after the other. */
export interface FieldChain {
  readonly kind: 'chain';
  readonly offset: number;
  /** `.`: the context; a variable with its `$`; or a pipeline in parentheses. */
  readonly start: '.' | string | Pipeline;
  readonly fields: readonly string[];
}

/** The name of a function. */
export interface FunctionName {
  readonly kind: 'function';
  readonly offset: number;
  readonly name: string;
}

export type Operand = Literal | FieldChain | FunctionName;

/** `printf "%d" .Index`: a function with its arguments, or a single operand. */
export interface Command {
  readonly offset: number;
  readonly operands: readonly [Operand, ...Operand[]];
}

/** Commands joined by `|`; the result may be given to variables. */
export interface Pipeline {
  readonly kind: 'pipeline';
  readonly offset: number;
  /** Variables that get the value, with `$`; two only in `range`. */
  readonly variables: readonly string[];
  /** `=` instead of `:=`: the variable exists already. */
  readonly assigns: boolean;
  readonly commands: readonly [Command, ...Command[]];
}

export interface Text {
  readonly kind: 'text';
  readonly offset: number;
  readonly text: string;
}

export interface Action {
  readonly kind: 'action';
  readonly offset: number;
  readonly pipeline: Pipeline;
}

export interface Branch {
  readonly kind: 'if' | 'with' | 'range';
  readonly offset: number;
  readonly pipeline: Pipeline;
  readonly body: readonly TemplateNode[];
  readonly otherwise: readonly TemplateNode[];
}

export interface Jump {
  readonly kind: 'break' | 'continue';
  readonly offset: number;
}

export type TemplateNode = Text | Action | Branch | Jump;

/** A float64. A plain JavaScript number stands for an int: Go prints and compares the two differently. */
export class GoFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Values that a template can hold. Maps are records without a prototype's fields. */
export type GoValue = null | boolean | number | GoFloat | string | readonly GoValue[] | GoMap;

export interface GoMap {
  readonly [key: string]: GoValue;
}

/** A broken template, or a run that failed: the place is an offset into the source. */
export class TemplateError extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.name = 'TemplateError';
    this.offset = offset;
  }
}
