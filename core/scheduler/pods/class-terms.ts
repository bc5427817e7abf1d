/**
 * Compiles the pod terms and spread constraints of a class: which counters they need, and what the pod says
 * about itself (Kubernetes 1.34: a term without namespaces means the pod's own; a missing selector selects nothing; an
 * empty spread selector counts no existing pod, but the pod counts for itself).
 */
import { compileSelector, NOTHING } from '../../types/label-selector.ts';
import type { PodAffinityTerm, TopologySpreadConstraint } from '../../types/pod.ts';
import { selectorWithKeys } from '../framework/spread-constraints.ts';
import type { Snapshot } from '../plugins/plugin.ts';
import type { CarriedTerms } from './carried-terms.ts';
import { type CounterPart, type CounterRule, type NamespaceLabels, type PodCounts, partMatches } from './pod-counts.ts';
import type { ClassTerms, PodGroup, PodShape, SpreadTerm, WeightedPodTerm } from './pod-shape.ts';

const EVERY_NAMESPACE = compileSelector({});

/** Makes the terms of classes; `fill` counts existing pods into a counter that was just made. */
export class ClassTermsCompiler {
  readonly #counts: PodCounts;
  readonly #carried: CarriedTerms;
  readonly #carriedAffinity: CarriedTerms;
  readonly #carriedPreferred: CarriedTerms;
  readonly #labelsOf: NamespaceLabels;
  readonly #fill: (counter: number) => void;

  constructor(
    counts: PodCounts,
    carried: Pick<Snapshot, 'carried' | 'carriedAffinity' | 'carriedPreferred'>,
    labelsOf: NamespaceLabels,
    fill: (counter: number) => void,
  ) {
    this.#counts = counts;
    this.#carried = carried.carried;
    this.#carriedAffinity = carried.carriedAffinity;
    this.#carriedPreferred = carried.carriedPreferred;
    this.#labelsOf = labelsOf;
    this.#fill = fill;
  }

  /** The terms of one class. @throws StatusError for a malformed selector. */
  compile(shape: PodShape, group: PodGroup): ClassTerms {
    const affinity = shape.requiredAffinity.map((term) => partOf(term, group));
    const anti = shape.requiredAntiAffinity.map((term) => partOf(term, group));
    const ownAffinity = affinity.map(asOwn);
    const texts = shape.requiredAffinity.map((term) => textOf(term, group));
    const antiTexts = shape.requiredAntiAffinity.map((term) => textOf(term, group));
    const { preferred, carriedPreferred } = this.#preferred(shape, group);
    return {
      affinityCounter:
        affinity.length === 0
          ? -1
          : this.#counter(texts.toSorted().join('&'), { parts: ownAffinity, skipTerminating: false }),
      affinityKeys: shape.requiredAffinity.map((term) => term.topologyKey),
      matchesOwnAffinity: ownAffinity.every((part) => partMatches(part, group, this.#labelsOf)),
      antiCounters: anti.map((part, i) =>
        this.#counter(antiTexts[i] as string, { parts: [asOwn(part)], skipTerminating: false }),
      ),
      antiKeys: shape.requiredAntiAffinity.map((term) => term.topologyKey),
      carried: anti.map((part, i) => {
        const key = (shape.requiredAntiAffinity[i] as PodAffinityTerm).topologyKey;
        return this.#carried.intern(`${key} ${antiTexts[i]}`, part, key);
      }),
      spread: shape.hardSpread.map((constraint) => this.#spread(constraint, group)),
      softSpread: shape.softSpread.map((constraint) => this.#spread(constraint, group)),
      carriedAffinity: affinity.map((part, i) => {
        const key = (shape.requiredAffinity[i] as PodAffinityTerm).topologyKey;
        return this.#carriedAffinity.intern(`${key} ${texts[i]}`, part, key);
      }),
      preferred,
      carriedPreferred,
    };
  }

  /** Own preferred terms, and the same as something that the pod carries around. */
  #preferred(shape: PodShape, group: PodGroup): Pick<ClassTerms, 'preferred' | 'carriedPreferred'> {
    const own: ClassTerms['preferred'][number][] = [];
    const carried: number[] = [];
    const add = ({ podAffinityTerm }: WeightedPodTerm, weight: number): void => {
      const part = partOf(podAffinityTerm, group);
      const text = textOf(podAffinityTerm, group);
      const key = podAffinityTerm.topologyKey;
      own.push({ counter: this.#counter(text, { parts: [asOwn(part)], skipTerminating: false }), key, weight });
      carried.push(this.#carriedPreferred.intern(`${key} ${weight} ${text}`, part, key, weight));
    };
    for (const term of shape.preferredAffinity) add(term, term.weight);
    for (const term of shape.preferredAntiAffinity) add(term, -term.weight);
    return { preferred: own, carriedPreferred: carried };
  }

  #spread(constraint: TopologySpreadConstraint, group: PodGroup): SpreadTerm {
    const selector = selectorWithKeys(constraint, group.labels);
    const counted = selector.isEmpty ? NOTHING : selector;
    const part = { namespaces: [group.namespace], namespaceSelector: null, selector: counted };
    const text = `spread ${group.namespace} ${counted.isNothing ? '-' : counted}`;
    return {
      counter: this.#counter(text, { parts: [part], skipTerminating: true }),
      key: constraint.topologyKey,
      maxSkew: constraint.maxSkew,
      minDomains: constraint.minDomains ?? 1,
      honorAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
      honorTaints: (constraint.nodeTaintsPolicy ?? 'Ignore') === 'Honor',
      matchesAll: selector.isEmpty,
      self: selector.matches(group.labels) ? 1 : 0,
    };
  }

  #counter(text: string, rule: CounterRule): number {
    const known = this.#counts.find(text);
    if (known >= 0) return known;
    const counter = this.#counts.add(text, rule);
    this.#fill(counter);
    return counter;
  }
}

function partOf(term: PodAffinityTerm, group: PodGroup): CounterPart {
  const listed = term.namespaces ?? [];
  const own = listed.length === 0 && term.namespaceSelector === undefined;
  return {
    namespaces: own ? [group.namespace] : listed,
    namespaceSelector: term.namespaceSelector === undefined ? null : compileSelector(term.namespaceSelector),
    selector: compileSelector(term.labelSelector ?? null),
  };
}

/** A term as the pod itself asks it: a namespaceSelector that accepts a missing label accepts every namespace (see `resolveNamespaces`). */
function asOwn(part: CounterPart): CounterPart {
  return part.namespaceSelector?.matches(undefined) === true ? { ...part, namespaceSelector: EVERY_NAMESPACE } : part;
}

function textOf(term: PodAffinityTerm, group: PodGroup): string {
  const part = partOf(term, group);
  return JSON.stringify([part.namespaces, term.namespaceSelector ?? null, term.labelSelector ?? null]);
}
