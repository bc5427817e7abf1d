/**
 * The parameters of one workload: values that operations refer to as `$name`.
 *
 * A name that is not there, a value of another type than is needed, and a parameter that nobody refers to are the user's
 * errors. Source: Kubernetes 1.37, scheduler_perf.go `params`.
 */
import { parse } from 'yaml';
import type { Place, ProblemList } from '../../../scenarios/problem.ts';
import { GoFloat, type GoMap, type GoValue } from '../go-template/tree.ts';

const CODE = 'SPF-014';
/** Parameters that the Go code of a topic reads, not its file: without effect here (nodedeclaredfeatures). */
const READ_BY_CODE: ReadonlySet<string> = new Set(['numNodeDeclaredFeatures']);

interface TypeNames {
  number: number;
  string: string;
  boolean: boolean;
}

/** The workload whose parameters they are. */
interface ParametersOf {
  /** `SchedulingBasic/5000Nodes`. */
  readonly workload: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Where a parameter's value stands. */
  readonly placeOf: (name: string) => Place;
}

export class Parameters {
  readonly #of: ParametersOf;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #used = new Set<string>();
  readonly #problems: ProblemList;

  constructor(of: ParametersOf, problems: ProblemList) {
    this.#of = of;
    this.#values = of.values;
    this.#problems = problems;
  }

  /** Whose they are, as problems name it. */
  get workload(): string {
    return this.#of.workload;
  }

  /** The value of `$name`; undefined with a problem: at the value where it is wrong, at `place` where there is none. */
  get<T extends keyof TypeNames>(reference: string, type: T, place: Place): TypeNames[T] | undefined {
    const value = this.#find(reference, place);
    if (value === undefined || typeof value === type) return value as TypeNames[T] | undefined;
    return this.#wrong(reference, value, `a ${type}`);
  }

  /** A number without sign and fraction. */
  count(reference: string, place: Place): number | undefined {
    const value = this.get(reference, 'number', place);
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) return value;
    return this.#wrong(reference, value, 'a number without sign and fraction');
  }

  #wrong(reference: string, value: unknown, expected: string): undefined {
    const name = reference.slice(1);
    const message = `${name} of ${this.#of.workload} is ${textOf(value)}, expected ${expected}`;
    this.#problems.error(this.#of.placeOf(name), CODE, message);
  }

  /**
   * Template parameters with their references resolved, as the template sees them: numbers are floats there. `$name|default`
   * has a default in YAML.
   */
  forTemplate(given: Readonly<Record<string, unknown>>, place: (name: string) => Place): GoMap {
    const resolved: Record<string, GoValue> = {};
    for (const [name, value] of Object.entries(given)) {
      const refers = typeof value === 'string' && value.startsWith('$');
      resolved[name] = goValue(refers ? this.#orDefault(value, place(name)) : value);
    }
    return resolved;
  }

  #orDefault(text: string, place: Place): unknown {
    const bar = text.indexOf('|');
    if (bar <= 1) return this.#find(text, place);
    const reference = text.slice(0, bar);
    if (Object.hasOwn(this.#values, reference.slice(1))) return this.#find(reference, place);
    try {
      return parse(text.slice(bar + 1));
    } catch {
      this.#problems.error(place, CODE, `the default of ${reference} is broken YAML: ${text.slice(bar + 1)}`);
      return null;
    }
  }

  /** Names that no operation has used. */
  get unused(): readonly string[] {
    return Object.keys(this.#values).filter((name) => !this.#used.has(name) && !READ_BY_CODE.has(name));
  }

  #find(reference: string, place: Place): unknown {
    const name = reference.slice(1);
    this.#used.add(name);
    if (Object.hasOwn(this.#values, name)) return this.#values[name];
    this.#problems.unknownName(
      place,
      CODE,
      `parameter of ${this.#of.workload}`,
      reference,
      Object.keys(this.#values).map((each) => `$${each}`),
    );
    return undefined;
  }
}

/** A value as a message shows it; JSON has no infinite numbers. */
function textOf(value: unknown): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/** What a value of a YAML file is in a template: as after Go's decoding of JSON. */
function goValue(value: unknown): GoValue {
  if (typeof value === 'number') return new GoFloat(value);
  if (Array.isArray(value)) return value.map(goValue);
  if (value === null || typeof value !== 'object') return (value ?? null) as GoValue;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, goValue(item)]));
}
