/**
 * Verdicts and normalised scores of the groups of a class index: what InterPodAffinity, PodTopologySpread and the scores of the nodes' descriptions
 * say, once a group instead of once a node (Kubernetes 1.34).
 *
 * Normalisers are taken over the nodes that take part, given as their number by group; they may be a sample.
 */
import { growFloat64, growUint8 } from '../../base/grow.ts';
import { HOSTNAME } from '../framework/spread-constraints.ts';
import { inRange, normalized, spreadOut } from '../plugins/plugin.ts';
import { logarithm } from '../plugins/pod-topology-spread-score-plugin.ts';
import type { SpreadTerm } from '../pods/pod-shape.ts';
import type { ClassIndex } from './class-index.ts';
import { MISSING, type TermColumn } from './term-column.ts';

/** Raw spread score of a group that is left out. */
const LEFT_OUT = -1;

/** Weights of the scores that look at other pods. */
export interface GroupWeights {
  readonly soft: number;
  readonly preference: number;
}

/** Scratch space of one profile; holds the figures of the last class. */
export class GroupScores {
  /** By group: 1 where its nodes pass the filters on other pods. */
  passes: Uint8Array<ArrayBuffer> = new Uint8Array(8);
  /** By group: sum of the weighted scores. */
  totals: Float64Array<ArrayBuffer> = new Float64Array(8);
  #raw: Float64Array<ArrayBuffer> = new Float64Array(8);
  /** By value of a key: the last count that met it. */
  #met = new Uint32Array(16);
  #meeting = 0;
  readonly #weights: GroupWeights;

  constructor(weights: GroupWeights) {
    this.#weights = weights;
  }

  /** Fills {@link passes}; returns how many feasible nodes there are. */
  judge(index: ClassIndex): number {
    const { groups, columns, podClass } = index;
    this.#reserve(groups.count);
    const { passes } = this;
    let anyMatch = false;
    for (let c = 0; c < columns.length; c++) {
      const { term, domains } = columns[c] as TermColumn;
      if (term.kind === 'affinity' && domains.total > 0) anyMatch = true;
    }
    const mayBeFirst = !anyMatch && podClass.terms?.matchesOwnAffinity === true;
    for (let group = 0; group < groups.count; group++) passes[group] = 1;
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c] as TermColumn;
      const { kind } = column.term;
      if (kind === 'soft' || kind === 'preference') continue;
      const at = index.componentOf(c);
      const spread = column.term.spread;
      const most = spread === null ? 0 : mostMatching(spread, column);
      for (let group = 0; group < groups.count; group++) {
        const component = groups.components[group * groups.width + at] as number;
        if (kind === 'exclusion') {
          if (component !== MISSING && column.figureOf(component) > 0) passes[group] = 0;
        } else if (component === MISSING) passes[group] = 0;
        else if (kind === 'affinity') {
          if (!mayBeFirst && column.figureOf(component) === 0) passes[group] = 0;
        } else if (column.figureOf(component) > most) passes[group] = 0;
      }
    }
    let feasible = 0;
    for (let group = 0; group < groups.count; group++) {
      if (passes[group] === 1) feasible += groups.feasible[group] as number;
    }
    return feasible;
  }

  /** Fills {@link totals} for the groups that pass; `taking` = nodes that take part, by group. */
  score(index: ClassIndex, taking: Int32Array): void {
    this.totals.fill(0, 0, index.groups.count);
    this.#scoreDescriptions(index, taking);
    let spreads = false;
    let prefers = false;
    for (let c = 0; c < index.columns.length; c++) {
      const { kind } = (index.columns[c] as TermColumn).term;
      if (kind === 'soft') spreads = true;
      else if (kind === 'preference') prefers = true;
    }
    if (spreads) this.#scoreSpread(index, taking);
    if (prefers) this.#scorePreferences(index, taking);
  }

  #takesPart(group: number, taking: Int32Array): boolean {
    return this.passes[group] === 1 && (taking[group] as number) > 0;
  }

  #scoreDescriptions({ groups, nodeScores }: ClassIndex, taking: Int32Array): void {
    const { components, width, count } = groups;
    nodeScores.forEach(({ plugin, weight }, s) => {
      const at = width - nodeScores.length + s;
      let max = 0;
      for (let group = 0; group < count; group++) {
        if (this.#takesPart(group, taking)) max = Math.max(max, components[group * width + at] as number);
      }
      for (let group = 0; group < count; group++) {
        const raw = components[group * width + at] as number;
        this.totals[group] = (this.totals[group] as number) + weight * normalized(plugin.normalizer, raw, max);
      }
    });
  }

  #scoreSpread(index: ClassIndex, taking: Int32Array): void {
    const { groups, columns } = index;
    const { components, width, count } = groups;
    const needsAllKeys = index.context.needsAllKeys;
    const soft = columns.flatMap((column, c) =>
      column.term.kind === 'soft' ? [{ column, at: index.componentOf(c) }] : [],
    );
    const raw = this.#raw;
    let scored = 0;
    for (let group = 0; group < count; group++) {
      const lacksKey = soft.some(({ at }) => components[group * width + at] === MISSING);
      raw[group] = needsAllKeys && lacksKey ? LEFT_OUT : 0;
      if (raw[group] === 0 && this.#takesPart(group, taking)) scored += taking[group] as number;
    }
    for (const { column, at } of soft) {
      const { key, spread } = column.term;
      const domains = key === HOSTNAME ? scored : this.#domainsOf(index, column, at, taking);
      const weight = logarithm(domains + 2);
      const tolerated = (spread as SpreadTerm).maxSkew - 1;
      for (let group = 0; group < count; group++) {
        const component = components[group * width + at] as number;
        if (raw[group] === LEFT_OUT || component === MISSING) continue;
        raw[group] = (raw[group] as number) + (column.figureOf(component) * weight + tolerated);
      }
    }
    let min = Number.POSITIVE_INFINITY;
    let max = 0;
    for (let group = 0; group < count; group++) {
      if (raw[group] === LEFT_OUT || !this.#takesPart(group, taking)) continue;
      const score = Math.round(raw[group] as number);
      min = Math.min(min, score);
      max = Math.max(max, score);
    }
    for (let group = 0; group < count; group++) {
      if (raw[group] === LEFT_OUT) continue;
      const score = spreadOut(Math.round(raw[group] as number), min, max);
      this.totals[group] = (this.totals[group] as number) + this.#weights.soft * score;
    }
  }

  /** Different values of a key among the nodes that take part and are not left out; lacking it counts as one more. */
  #domainsOf({ groups }: ClassIndex, column: TermColumn, at: number, taking: Int32Array): number {
    const { components, width, count } = groups;
    const values = column.domains.counts.length;
    if (this.#met.length < values) this.#met = new Uint32Array(values * 2);
    this.#meeting++;
    let different = 0;
    let missing = 0;
    for (let group = 0; group < count; group++) {
      if (this.#raw[group] === LEFT_OUT || !this.#takesPart(group, taking)) continue;
      const component = components[group * width + at] as number;
      if (component === MISSING) missing = 1;
      else if (column.local) different += taking[group] as number;
      else if (this.#met[component] !== this.#meeting) {
        this.#met[component] = this.#meeting;
        different++;
      }
    }
    return different + missing;
  }

  #scorePreferences(index: ClassIndex, taking: Int32Array): void {
    const { groups, columns } = index;
    const { components, width, count } = groups;
    const raw = this.#raw;
    raw.fill(0, 0, count);
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c] as TermColumn;
      if (column.term.kind !== 'preference') continue;
      const at = index.componentOf(c);
      for (let group = 0; group < count; group++) {
        const component = components[group * width + at] as number;
        if (component === MISSING) continue;
        raw[group] = (raw[group] as number) + column.term.weight * column.figureOf(component);
      }
    }
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let group = 0; group < count; group++) {
      if (!this.#takesPart(group, taking)) continue;
      min = Math.min(min, raw[group] as number);
      max = Math.max(max, raw[group] as number);
    }
    for (let group = 0; group < count; group++) {
      const score = inRange(raw[group] as number, min, max);
      this.totals[group] = (this.totals[group] as number) + this.#weights.preference * score;
    }
  }

  #reserve(groups: number): void {
    if (this.passes.length >= groups) return;
    this.passes = growUint8(this.passes, groups * 2);
    this.totals = growFloat64(this.totals, groups * 2);
    this.#raw = growFloat64(this.#raw, groups * 2);
  }
}

/** Matching pods that a domain may hold for the pod to come as well. */
function mostMatching({ maxSkew, minDomains, self }: SpreadTerm, { domains }: TermColumn): number {
  const least = domains.domainCount < minDomains ? 0 : domains.least;
  return maxSkew + least - self;
}
