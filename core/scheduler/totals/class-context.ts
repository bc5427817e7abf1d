/**
 * What beyond its own shape decides on a pod, as a list of terms: required and preferred pod terms (its own and those that pods on nodes carry
 * around) and spread constraints, all of them counts of pods by topology domain. Source: Kubernetes 1.34, InterPodAffinity and PodTopologySpread.
 *
 * The list of a class is made anew only when something in it changed.
 */

import { ImageLocalityPlugin } from '../plugins/image-locality-plugin.ts';
import type { PluginSet } from '../plugins/index.ts';
import { InterPodAffinityPlugin } from '../plugins/inter-pod-affinity-plugin.ts';
import { InterPodAffinityScorePlugin } from '../plugins/inter-pod-affinity-score-plugin.ts';
import type { PodRequest, Snapshot } from '../plugins/plugin.ts';
import { PodTopologySpreadPlugin } from '../plugins/pod-topology-spread-plugin.ts';
import { PodTopologySpreadScorePlugin } from '../plugins/pod-topology-spread-score-plugin.ts';
import type { CarriedTerms } from '../pods/carried-terms.ts';
import type { SpreadTerm } from '../pods/pod-shape.ts';

/** `affinity` wants a pod in the domain, `exclusion` none; `hard` and `soft` are spread constraints; `preference` scores pods by weight. */
export type TermKind = 'affinity' | 'exclusion' | 'hard' | 'soft' | 'preference';

/** One term: which pods count, by which key, and what for. */
export interface ContextTerm {
  readonly kind: TermKind;
  readonly key: string;
  /** Pods that match, by node slot; may be shorter than the table. Read afresh in each use: columns are replaced when they grow. */
  readonly perNode: () => Int32Array;
  /** Of a preference; 0 for others. */
  readonly weight: number;
  /** Of a spread constraint. */
  readonly spread: SpreadTerm | null;
}

/** The plugins of a profile that look at other pods, and at images; `null` where the profile has none. */
export interface ContextPlugins {
  readonly affinity: InterPodAffinityPlugin | null;
  readonly preference: InterPodAffinityScorePlugin | null;
  readonly hard: PodTopologySpreadPlugin | null;
  readonly soft: PodTopologySpreadScorePlugin | null;
  readonly images: ImageLocalityPlugin | null;
}

/** Finds them in a profile's set. */
export function contextPluginsOf({ filters, scores }: PluginSet): ContextPlugins {
  const all = [...filters, ...scores.map(({ plugin }) => plugin)];
  const find = <T>(type: new (...args: never[]) => T): T | null =>
    (all.find((plugin) => plugin instanceof type) as T | undefined) ?? null;
  return {
    affinity: find(InterPodAffinityPlugin),
    preference: find(InterPodAffinityScorePlugin),
    hard: find(PodTopologySpreadPlugin),
    soft: find(PodTopologySpreadScorePlugin),
    images: find(ImageLocalityPlugin),
  };
}

const NO_IDS: readonly number[] = [];
const NO_SPREAD: readonly SpreadTerm[] = [];

/** The terms of one class under one profile. */
export class ClassContext {
  /** Grows when {@link terms} changed. */
  version = 0;
  terms: readonly ContextTerm[] = [];
  /** Whether nodes without one of the keys of soft spreading are left out of it. */
  needsAllKeys = false;
  readonly #plugins: ContextPlugins;
  #excluding: readonly number[] | null = null;
  #pulling = NO_IDS;
  #preferring = NO_IDS;
  #hard = NO_SPREAD;
  #soft = NO_SPREAD;

  constructor(plugins: ContextPlugins) {
    this.#plugins = plugins;
  }

  /** Looks what is in play for a pod of the class. */
  update(request: PodRequest, snapshot: Snapshot): void {
    const { affinity, preference, hard, soft } = this.#plugins;
    const { group } = request.podClass;
    const { carried, carriedAffinity, carriedPreferred } = snapshot;
    const prefers = preference?.inPlay(request, snapshot) === true;
    const excluding = affinity === null ? NO_IDS : carried.selecting(group);
    const pulling = prefers && preference.hardWeight > 0 ? carriedAffinity.selecting(group) : NO_IDS;
    const preferring = prefers ? carriedPreferred.selecting(group) : NO_IDS;
    const hardTerms = hard?.termsOf(request, snapshot) ?? NO_SPREAD;
    const softTerms = soft?.termsOf(request, snapshot) ?? NO_SPREAD;
    const same =
      this.#excluding !== null &&
      sameIds(excluding, this.#excluding) &&
      sameIds(pulling, this.#pulling) &&
      sameIds(preferring, this.#preferring) &&
      sameSpread(hardTerms, this.#hard) &&
      sameSpread(softTerms, this.#soft);
    this.#excluding = excluding;
    this.#pulling = pulling;
    this.#preferring = preferring;
    this.#hard = hardTerms;
    this.#soft = softTerms;
    if (same) return;
    this.needsAllKeys = soft?.needsAllKeys(request) === true;
    this.terms = this.#list(request, snapshot, prefers);
    this.version++;
  }

  #list({ podClass }: PodRequest, { counts, carried, carriedAffinity, carriedPreferred }: Snapshot, prefers: boolean) {
    const own = podClass.terms;
    const terms: ContextTerm[] = [];
    const counted = (kind: TermKind, key: string, counter: number, weight = 0, spread: SpreadTerm | null = null) =>
      terms.push({ kind, key, perNode: () => counts.perNode(counter), weight, spread });
    const carriedBy = (kind: TermKind, from: CarriedTerms, id: number, weight: number) =>
      terms.push({ kind, key: from.keyOf(id), perNode: () => from.perNode(id), weight, spread: null });
    if (own !== null && this.#plugins.affinity !== null) {
      for (const key of own.affinityKeys) counted('affinity', key, own.affinityCounter);
      own.antiKeys.forEach((key, i) => counted('exclusion', key, own.antiCounters[i] as number));
    }
    for (const id of this.#excluding ?? NO_IDS) carriedBy('exclusion', carried, id, 0);
    for (const term of this.#hard) counted('hard', term.key, term.counter, 0, term);
    for (const term of this.#soft) counted('soft', term.key, term.counter, 0, term);
    if (prefers)
      for (const { key, counter, weight } of own?.preferred ?? []) counted('preference', key, counter, weight);
    const hardWeight = this.#plugins.preference?.hardWeight ?? 0;
    for (const id of this.#pulling) carriedBy('preference', carriedAffinity, id, hardWeight);
    for (const id of this.#preferring) {
      carriedBy('preference', carriedPreferred, id, carriedPreferred.weightOf(id));
    }
    return terms;
  }
}

function sameIds(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((id, i) => id === b[i]));
}

function sameSpread(a: readonly SpreadTerm[], b: readonly SpreadTerm[]): boolean {
  return a === b || (a.length === b.length && a.every((term, i) => sameTerm(term, b[i] as SpreadTerm)));
}

function sameTerm(a: SpreadTerm, b: SpreadTerm): boolean {
  return (
    a === b ||
    (a.counter === b.counter &&
      a.key === b.key &&
      a.maxSkew === b.maxSkew &&
      a.minDomains === b.minDomains &&
      a.honorAffinity === b.honorAffinity &&
      a.honorTaints === b.honorTaints &&
      a.self === b.self)
  );
}
