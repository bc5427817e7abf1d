/**
 * Labels that some selector asks for. Pods that differ in others only are the same to the scheduler: a label of its own for
 * each pod (an index, a hash) would make each a class of its own.
 *
 * A key that is asked for after pods with it were taken together is told, so that they can be told apart.
 */
import type { LabelSelector, StringMap } from '../../types/object.ts';
import type { PodShape } from './pod-shape.ts';

export class LabelKeys {
  readonly #asked = new Set<string>();
  readonly #hidden = new Set<string>();

  /** Takes in what a shape's terms and constraints ask for; whether pods that were taken together may differ in it. */
  askShape(shape: PodShape): boolean {
    let found = false;
    for (const term of [...shape.requiredAffinity, ...shape.requiredAntiAffinity]) {
      if (this.askSelector(term.labelSelector)) found = true;
    }
    for (const { podAffinityTerm } of [...shape.preferredAffinity, ...shape.preferredAntiAffinity]) {
      if (this.askSelector(podAffinityTerm.labelSelector)) found = true;
    }
    for (const { labelSelector, matchLabelKeys = [] } of [...shape.hardSpread, ...shape.softSpread]) {
      if (this.askSelector(labelSelector)) found = true;
      for (const key of matchLabelKeys) if (this.#ask(key)) found = true;
    }
    return found;
  }

  /** The same for one selector. */
  askSelector(selector: LabelSelector | undefined): boolean {
    let found = false;
    for (const key in selector?.matchLabels) if (this.#ask(key)) found = true;
    for (const { key } of selector?.matchExpressions ?? []) if (this.#ask(key)) found = true;
    return found;
  }

  /** The labels that anybody asks for; the map itself when these are all. */
  asked(labels: StringMap): StringMap {
    let hides = false;
    for (const key in labels) {
      if (this.#asked.has(key)) continue;
      this.#hidden.add(key);
      hides = true;
    }
    if (!hides) return labels;
    const kept: Record<string, string> = {};
    for (const key in labels) if (this.#asked.has(key)) kept[key] = labels[key] as string;
    return kept;
  }

  /** Whether {@link asked} would give these. */
  agree(labels: StringMap, asked: StringMap): boolean {
    let left = 0;
    for (const _key in asked) left++;
    for (const key in labels) {
      if (!this.#asked.has(key)) this.#hidden.add(key);
      else if (labels[key] === asked[key]) left--;
      else return false;
    }
    return left === 0;
  }

  #ask(key: string): boolean {
    this.#asked.add(key);
    return this.#hidden.delete(key);
  }
}
