/**
 * Declared names: observation points, interception points, bug switches, marks, counters of work.
 *
 * They are declared at module level in the component's own folder, so that the list of what can be watched or weakened is
 * known without running anything. Ids are small integers for speed; names are what files and reports use (ids depend
 * on the order of imports and never enter a digest).
 */
import { assert } from '../base/assert.ts';

export type PointId = number;
export type BugId = number;
export type MarkId = number;
export type CounterId = number;

/** A declared name with one sentence about it. */
export interface Declaration {
  readonly name: string;
  readonly about: string;
  /** A bug switch that wastes work and changes no behaviour: found by counting, not by predicates. */
  readonly costOnly?: true;
  /** Of an observation point: how its subjects are told apart. */
  readonly subjects?: SubjectRule;
}

/** How the subjects of an observation point are told apart. */
export interface SubjectRule {
  /** The kind of API object that one is about. */
  readonly kindOf: (subject: unknown) => string;
  /** Which parts of the object it changes, or how it ended, as bits; absent where subjects of a kind are all alike. */
  readonly partsOf?: (subject: unknown) => number;
}

class Registry {
  readonly declarations: Declaration[] = [];
  readonly #ids = new Map<string, number>();
  readonly #what: string;

  constructor(what: string) {
    this.#what = what;
  }

  define(name: string, about: string, more: Pick<Declaration, 'costOnly' | 'subjects'> = {}): number {
    assert(!this.#ids.has(name), `${this.#what} "${name}" is declared twice`);
    const id = this.declarations.length;
    this.declarations.push({ name, about, ...more });
    this.#ids.set(name, id);
    return id;
  }

  find(name: string): number | undefined {
    return this.#ids.get(name);
  }
}

const points = new Registry('observation point');
const bugs = new Registry('bug switch');
const marks = new Registry('mark');
const counters = new Registry('counter');

/**
 * Declares an observation point `component.event`, where predicates and state triggers may listen. With a rule they may listen to subjects of some
 * kinds, or to changes of some parts alone, and cost nothing where others pass.
 */
export const definePoint = (name: string, about: string, subjects?: SubjectRule): PointId =>
  points.define(name, about, subjects === undefined ? {} : { subjects });
/** Declares a bug switch: which one rule of the production path it removes or weakens. */
export const defineBug = (name: string, about: string): BugId => bugs.define(name, about);
/** Declares a bug switch that wastes work and changes no behaviour: what a gate on counters must catch. */
export const defineCostBug = (name: string, about: string): BugId => bugs.define(name, about, { costOnly: true });
/** Declares a mark: a rare path whose being reached is worth knowing. */
export const defineMark = (name: string, about: string): MarkId => marks.define(name, about);
/** Declares a counter of work `component.what`: exact for a seed, so that a gate sees each unit more. */
export const defineCounter = (name: string, about: string): CounterId => counters.define(name, about);

export const declaredPoints = (): readonly Declaration[] => points.declarations;
export const declaredBugs = (): readonly Declaration[] => bugs.declarations;
export const declaredMarks = (): readonly Declaration[] => marks.declarations;
export const declaredCounters = (): readonly Declaration[] => counters.declarations;

/** How the subjects of a point are told apart, or undefined. */
export const subjectRuleOf = (point: PointId): SubjectRule | undefined => points.declarations[point]?.subjects;

/** The id of a declared point, or undefined. */
export const findPoint = (name: string): PointId | undefined => points.find(name);
/** The id of a declared bug switch, or undefined. */
export const findBug = (name: string): BugId | undefined => bugs.find(name);
/** The id of a declared mark, or undefined. */
export const findMark = (name: string): MarkId | undefined => marks.find(name);
