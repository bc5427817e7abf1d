/**
 * Reads a template into a tree. Source: Go text/template/parse parse.go.
 *
 * `define`, `template` and `block` are not read: one file is one template. Everything wrong is a TemplateError at its place,
 * the names of functions included.
 */
import { FUNCTIONS } from './functions.ts';
import { scan, type Token } from './scan.ts';
import {
  type Branch,
  type Command,
  GoFloat,
  type GoValue,
  type Operand,
  type Pipeline,
  TemplateError,
  type TemplateNode,
} from './tree.ts';

/** Deepest nesting of control structures and parentheses. */
const DEPTH_MAX = 100;
const BRANCHES = ['if', 'with', 'range'] as const;
const UNREAD: readonly string[] = ['define', 'template', 'block'];

/** The tree of `source`. @throws TemplateError */
export function parseTemplate(source: string): readonly TemplateNode[] {
  return new Parser(source).parse();
}

/** How a list of nodes ended. */
type ListEnd = 'end of file' | 'end' | 'else';

class Parser {
  readonly #tokens: readonly Token[];
  readonly #length: number;
  #at = 0;
  #depth = 0;
  /** Variables in scope, innermost last. */
  readonly #variables: string[] = ['$'];
  #ranges = 0;

  constructor(source: string) {
    this.#tokens = scan(source);
    this.#length = source.length;
  }

  parse(): readonly TemplateNode[] {
    const { nodes, end, offset } = this.#list();
    if (end !== 'end of file') throw new TemplateError(offset, `unexpected {{${end}}}`);
    return nodes;
  }

  /** Nodes up to `{{end}}`, `{{else}}` or the end of the file; the action's opening has been read then. */
  #list(): { nodes: TemplateNode[]; end: ListEnd; offset: number } {
    const nodes: TemplateNode[] = [];
    for (;;) {
      const token = this.#tokens[this.#at++];
      if (token === undefined) return { nodes, end: 'end of file', offset: this.#length };
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', offset: token.offset, text: token.text });
        continue;
      }
      this.#skipSpace();
      const word = this.#peek();
      if (word?.kind === 'identifier' && (word.text === 'end' || word.text === 'else')) {
        this.#at++;
        if (word.text === 'end') this.#close();
        return { nodes, end: word.text, offset: token.offset };
      }
      nodes.push(this.#action(token.offset));
    }
  }

  #action(offset: number): TemplateNode {
    const word = this.#peek();
    const name = word?.kind === 'identifier' ? word.text : '';
    const branch = BRANCHES.find((kind) => kind === name);
    if (branch !== undefined) {
      this.#at++;
      return this.#branch(branch, offset);
    }
    if (UNREAD.includes(name)) throw new TemplateError(offset, `{{${name}}} is not read: one file is one template`);
    if (name === 'break' || name === 'continue') {
      this.#at++;
      if (this.#ranges === 0) throw new TemplateError(offset, `{{${name}}} outside {{range}}`);
      this.#close();
      return { kind: name, offset };
    }
    const pipeline = this.#pipeline(false);
    this.#close();
    return { kind: 'action', offset, pipeline };
  }

  #branch(kind: Branch['kind'], offset: number): Branch {
    this.#deeper(offset);
    const scope = this.#variables.length;
    const pipeline = this.#pipeline(kind === 'range');
    this.#close();
    const bodyScope = this.#variables.length;
    if (kind === 'range') this.#ranges++;
    const { nodes: body, end } = this.#list();
    if (kind === 'range') this.#ranges--;
    this.#variables.length = bodyScope;
    let otherwise: readonly TemplateNode[] = [];
    if (end === 'else') otherwise = this.#else(kind, offset);
    else if (end === 'end of file') throw new TemplateError(offset, `{{${kind}}} has no {{end}}`);
    this.#variables.length = scope;
    this.#depth--;
    return { kind, offset, pipeline, body, otherwise };
  }

  /** What follows `{{else`: a list, or a chained if or with that shares the `{{end}}`. */
  #else(kind: Branch['kind'], offset: number): readonly TemplateNode[] {
    this.#skipSpace();
    const word = this.#peek();
    if (word?.kind === 'identifier' && word.text === kind && kind !== 'range') {
      this.#at++;
      return [this.#branch(kind, word.offset)];
    }
    this.#close();
    const { nodes, end } = this.#list();
    if (end !== 'end') throw new TemplateError(offset, `{{${kind}}} has no {{end}}`);
    return nodes;
  }

  /** A pipeline up to `}}` or `)`, neither of which is taken. */
  #pipeline(inRange: boolean): Pipeline {
    this.#skipSpace();
    const offset = this.#offset();
    const { variables, assigns } = this.#declaration(inRange);
    const commands: Command[] = [];
    for (;;) {
      commands.push(this.#command());
      if (!this.#takeSymbol('|')) break;
    }
    for (const name of variables) if (!assigns) this.#variables.push(name);
    const [first, ...rest] = commands as [Command, ...Command[]];
    return { kind: 'pipeline', offset, variables, assigns, commands: [first, ...rest] };
  }

  /** `$x :=`, `$x =` or, in range, `$i, $x :=`; nothing when the pipeline begins at once. */
  #declaration(inRange: boolean): { variables: readonly string[]; assigns: boolean } {
    const start = this.#at;
    const variables: string[] = [];
    while (this.#peek()?.kind === 'variable') {
      variables.push((this.#tokens[this.#at++] as Token).text);
      if (variables.length === 2 || !inRange || !this.#takeSymbol(',')) break;
      this.#skipSpace();
    }
    const declares = variables.length > 0 && this.#takeSymbol(':=');
    const assigns = variables.length > 0 && !declares && this.#takeSymbol('=');
    if (!declares && !assigns) {
      this.#at = start;
      return { variables: [], assigns: false };
    }
    if (assigns) for (const name of variables) this.#known(name, (this.#tokens[start] as Token).offset);
    return { variables, assigns };
  }

  #command(): Command {
    this.#skipSpace();
    const offset = this.#offset();
    const operands: Operand[] = [];
    for (;;) {
      const operand = this.#operand();
      if (operand === null) break;
      operands.push(operand);
      if (!this.#skipSpace()) break;
    }
    const [first, ...rest] = operands;
    if (first === undefined) throw new TemplateError(offset, 'a value is missing');
    if (rest.length > 0 && first.kind !== 'function') {
      throw new TemplateError(offset, 'only a function takes arguments');
    }
    return { offset, operands: [first, ...rest] };
  }

  /** One operand; null where none begins. */
  #operand(): Operand | null {
    const token = this.#peek();
    if (token === undefined) return null;
    const { kind, offset, text } = token;
    if (kind === 'symbol' && text === '(') return this.#parenthesis(offset);
    if (kind === 'symbol' && text === '.') {
      this.#at++;
      return { kind: 'chain', offset, start: '.', fields: [] };
    }
    if (kind === 'symbol' || kind === 'close') return null;
    this.#at++;
    switch (kind) {
      case 'field':
        this.#at--;
        return { kind: 'chain', offset, start: '.', fields: this.#fields() };
      case 'variable':
        this.#known(text, offset);
        return { kind: 'chain', offset, start: text, fields: this.#fields() };
      case 'string':
        return { kind: 'literal', offset, value: text };
      case 'character':
        return { kind: 'literal', offset, value: text.codePointAt(0) ?? 0 };
      case 'number':
        return { kind: 'literal', offset, value: numberOf(text) };
      default:
        return word(text, offset);
    }
  }

  #parenthesis(offset: number): Operand {
    this.#deeper(offset);
    this.#at++;
    const start = this.#pipeline(false);
    this.#skipSpace();
    if (!this.#takeSymbol(')')) throw new TemplateError(offset, 'the parenthesis is not closed');
    this.#depth--;
    return { kind: 'chain', offset, start, fields: this.#fields() };
  }

  #fields(): readonly string[] {
    const fields: string[] = [];
    while (this.#peek()?.kind === 'field') fields.push((this.#tokens[this.#at++] as Token).text.slice(1));
    return fields;
  }

  #known(name: string, offset: number): void {
    if (!this.#variables.includes(name)) throw new TemplateError(offset, `undefined variable ${name}`);
  }

  #deeper(offset: number): void {
    if (++this.#depth > DEPTH_MAX) throw new TemplateError(offset, 'nested too deeply');
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #offset(): number {
    return this.#peek()?.offset ?? this.#length;
  }

  /** Whether there was space. */
  #skipSpace(): boolean {
    if (this.#peek()?.kind !== 'space') return false;
    this.#at++;
    return true;
  }

  #takeSymbol(symbol: string): boolean {
    const start = this.#at;
    this.#skipSpace();
    const token = this.#peek();
    if (token?.kind === 'symbol' && token.text === symbol) {
      this.#at++;
      return true;
    }
    this.#at = start;
    return false;
  }

  #close(): void {
    this.#skipSpace();
    const token = this.#peek();
    if (token?.kind !== 'close') {
      throw new TemplateError(this.#offset(), `unexpected ${JSON.stringify(token?.text ?? '')}, expected }}`);
    }
    this.#at++;
  }
}

function word(text: string, offset: number): Operand {
  if (text === 'true' || text === 'false') return { kind: 'literal', offset, value: text === 'true' };
  if (text === 'nil') return { kind: 'literal', offset, value: null };
  if (!FUNCTIONS.has(text)) throw new TemplateError(offset, `function "${text}" is not defined`);
  return { kind: 'function', offset, name: text };
}

/** Without fraction and exponent it is an int. */
function numberOf(text: string): GoValue {
  const digits = text.replaceAll('_', '');
  const sign = digits.startsWith('-') ? -1 : 1;
  const value = sign * Number(digits.replace(/^[+-]/, ''));
  return /^[+-]?0[xX]/.test(digits) || !/[.eE]/.test(digits) ? value : new GoFloat(value);
}
