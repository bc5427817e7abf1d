/**
 * Recorded timelines of a real control plane (data/controlplane): sends their requests to a harness and compares what came of it.
 *
 * Compared is what the recordings call stable: the sizes that ReplicaSets were given, in order; the Events' reasons and texts;
 * generated names become hash1, pod1 … in order of first use, as in the recordings.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Event } from '../../core/types/event.ts';
import type { KubeObject } from '../../core/types/object.ts';
import { findCondition } from '../../core/types/pod-conditions.ts';
import {
  DAEMONSETS,
  DEPLOYMENTS,
  EVENTS,
  JOBS,
  NAMESPACES,
  NODES,
  PODS,
  REPLICASETS,
  type ResourceType,
  SERVICES,
  STATEFULSETS,
} from '../../core/types/resource-type.ts';
import { ADDED, DELETED, type PatchType, type Subresource, VERB } from '../../core/types/wire.ts';
import type { ControllerHarness } from './controller-harness.ts';
import { SHARED_DIR } from './needs.ts';

interface Condition {
  readonly kind?: string;
  readonly name?: string;
  readonly path?: string;
  readonly eq?: unknown;
  readonly gte?: number;
  readonly quiet?: number;
  readonly absent?: readonly string[];
  readonly count?: readonly [string, Readonly<Record<string, string>>];
}

interface Step {
  readonly do: string;
  readonly method?: string;
  readonly path?: string;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly until?: readonly Condition[];
  readonly for?: number;
}

/** One line of events.jsonl, as far as it is used. */
export interface RecordedEvent {
  readonly type: string;
  readonly kind: string;
  readonly name: string;
  readonly ms: number;
  readonly f?: {
    readonly spec?: { readonly replicas?: number };
    readonly status?: Readonly<Record<string, unknown>>;
    readonly reason?: string;
    readonly message?: string;
    readonly count?: number;
    readonly source?: string;
    readonly involved?: { readonly kind: string; readonly name: string };
  };
}

const TYPES: Readonly<Record<string, ResourceType>> = {
  namespaces: NAMESPACES,
  nodes: NODES,
  pods: PODS,
  deployments: DEPLOYMENTS,
  replicasets: REPLICASETS,
  statefulsets: STATEFULSETS,
  daemonsets: DAEMONSETS,
  jobs: JOBS,
  services: SERVICES,
};
const BY_KIND = new Map(Object.values(TYPES).map((type) => [type.kind, type]));
const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/json-patch+json': 'json',
};

function folder(scenario: string): string {
  return path.join(SHARED_DIR, 'controlplane', scenario);
}

/** The recorded watch events of a scenario. */
export function recordedEvents(scenario: string, file = 'events.jsonl'): RecordedEvent[] {
  const text = readFileSync(path.join(folder(scenario), file), 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as RecordedEvent]));
}

/** Names as the recordings write them. */
class Normaliser {
  readonly #names = new Map<string, string>();

  constructor(harness: ControllerHarness) {
    const prefixes = new Map<string, number>();
    let hashes = 0;
    for (const { type, object } of harness.events(REPLICASETS)) {
      const { name, labels } = object.metadata;
      const hash = labels?.['pod-template-hash'];
      if (type !== ADDED || hash === undefined || this.#names.has(name)) continue;
      hashes++;
      this.#names.set(name, name.replace(hash, `hash${hashes}`));
    }
    for (const { type, object } of harness.events(PODS)) {
      const { name, generateName } = object.metadata;
      if (type !== ADDED || generateName === undefined || this.#names.has(name) || /-\d+$/.test(name)) continue;
      const number = (prefixes.get(generateName) ?? 0) + 1;
      prefixes.set(generateName, number);
      const owner = generateName.slice(0, -1);
      this.#names.set(name, `${this.#names.get(owner) ?? owner}-pod${number}`);
    }
  }

  name(name: string): string {
    return this.#names.get(name) ?? name;
  }

  /** The original of a normalised name. */
  original(normal: string): string {
    for (const [name, other] of this.#names) if (other === normal) return name;
    return normal;
  }

  text(text: string): string {
    return text.replace(/[a-z0-9]+(?:-[a-z0-9]+)+/g, (word) => this.name(word));
  }
}

/** Sends a scenario's requests and waits as its steps say. */
export function replay(harness: ControllerHarness, scenario: string): void {
  const { steps } = JSON.parse(readFileSync(path.join(folder(scenario), 'steps.json'), 'utf8')) as { steps: Step[] };
  let requestUs = 0;
  for (const step of steps) {
    if (step.do === 'request') {
      send(harness, step);
      requestUs = harness.api.sim.now;
    } else if (step.do === 'sleep') harness.run((step.for ?? 0) * 1000);
    else if (step.do === 'wait') for (const condition of step.until ?? []) waitFor(harness, condition, requestUs);
  }
}

function send(harness: ControllerHarness, step: Step): void {
  const [, , plural = '', name = '', subresource = ''] = locate(step.path ?? '');
  const [namespace] = locate(step.path ?? '');
  const type = TYPES[plural];
  if (type === undefined) throw new Error(`no type ${plural} in ${step.path}`);
  const verb = { POST: VERB.create, PATCH: VERB.patch, PUT: VERB.update, DELETE: VERB.delete }[step.method ?? ''];
  if (verb === undefined) throw new Error(`no verb for ${step.method}`);
  const normal = new Normaliser(harness);
  const patching = verb === VERB.patch;
  const answer = harness.api.call(verb, type, {
    namespace: namespace ?? '',
    name: normal.original(name),
    subresource: subresource as Subresource,
    ...(patching ? { patch: step.body, patchType: PATCH_TYPES[step.contentType ?? ''] as PatchType } : {}),
    ...(patching || verb === VERB.delete ? {} : { object: step.body }),
  });
  if (answer.error !== null) throw new Error(`${step.method} ${step.path}: ${answer.error.message}`);
}

/** [namespace, group part, plural, name, subresource] of a URL. */
function locate(url: string): (string | undefined)[] {
  const match = /^\/apis?\/(?:[^/]+\/)?v\d[^/]*\/(?:namespaces\/([^/]+)\/)?([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(
    url,
  );
  if (match === null) throw new Error(`cannot read ${url}`);
  return [match[1], undefined, match[2], match[3], match[4]];
}

function waitFor(harness: ControllerHarness, condition: Condition, requestUs: number): void {
  const { kind, name, path: field, quiet, absent, count } = condition;
  if (quiet !== undefined) {
    let size = -1;
    let sinceUs = Math.max(requestUs, harness.api.sim.now);
    const kinds = Object.values(TYPES);
    harness.until(() => {
      const now = kinds.reduce((sum, type) => sum + (harness.streams.get(type)?.events.length ?? 0), 0);
      if (now !== size) {
        if (size >= 0) sinceUs = harness.api.sim.now;
        size = now;
      }
      return harness.api.sim.now - sinceUs >= quiet * 1000;
    });
    return;
  }
  if (absent !== undefined) {
    const type = BY_KIND.get(absent[0] as string);
    if (type !== undefined) harness.until(() => harness.find(type, absent[1] as string) === undefined);
    return;
  }
  if (count !== undefined) {
    const type = BY_KIND.get(count[0]);
    if (type === undefined) return;
    const matches = (object: KubeObject): boolean =>
      Object.entries(count[1]).every(([key, value]) => object.metadata.labels?.[key] === value);
    harness.until(() => harness.objects(type).filter(matches).length === condition.eq);
    return;
  }
  const type = BY_KIND.get(kind ?? '');
  // What other controllers write (service accounts, node ranges) is not there.
  if (type === undefined || field === 'spec.podCIDR') return;
  harness.until(() => {
    const object = harness.find(type, new Normaliser(harness).original(name ?? ''));
    return object !== undefined && holds(object, field ?? '', condition);
  }, 120_000_000);
}

function holds(object: KubeObject, field: string, condition: Condition): boolean {
  let value: unknown;
  const conditions = (object.status as { conditions?: [] } | undefined)?.conditions;
  if (field.startsWith('cond:')) value = findCondition(conditions, field.slice(5))?.status;
  else if (field.startsWith('condReason:')) value = findCondition(conditions, field.slice(11))?.reason;
  else if (field.startsWith('taint:')) {
    const taints = (object.spec as { taints?: { key: string; effect: string }[] } | undefined)?.taints ?? [];
    value = taints.some(({ key, effect }) => field === `taint:${key}:${effect}`);
  } else {
    value = object;
    for (const part of field.split('.')) value = (value as Record<string, unknown> | undefined)?.[part];
    const observed = (object.status as { observedGeneration?: number } | undefined)?.observedGeneration;
    const known = object.metadata.generation === undefined || object.kind === 'Pod' || object.kind === 'Job';
    if (field.startsWith('status.') && !known && observed !== object.metadata.generation) return false;
  }
  if (condition.gte !== undefined) return Number(value ?? 0) >= condition.gte;
  if (condition.eq === undefined) return value !== undefined;
  return value === condition.eq || (condition.eq === 0 && value === undefined);
}

/** `name size` for each size a ReplicaSet was given, in order. */
export function recordedSizes(events: readonly RecordedEvent[]): string[] {
  const sizes = new Map<string, number>();
  const result: string[] = [];
  for (const { kind, name, type, f } of events) {
    if (kind !== 'ReplicaSet') continue;
    const size = f?.spec?.replicas;
    if (type === 'DELETED') {
      if (sizes.delete(name)) result.push(`${name} deleted`);
    } else if (size !== undefined && sizes.get(name) !== size) {
      sizes.set(name, size);
      result.push(`${name} ${size}`);
    }
  }
  return result;
}

/** The same of a harness. */
export function simulatedSizes(harness: ControllerHarness): string[] {
  const normal = new Normaliser(harness);
  const events = harness.events(REPLICASETS).map(({ type, object }): RecordedEvent => {
    const replicas = (object.spec as { replicas?: number }).replicas ?? 1;
    const name = normal.name(object.metadata.name);
    return {
      type: type === DELETED ? 'DELETED' : 'MODIFIED',
      kind: 'ReplicaSet',
      name,
      ms: 0,
      f: { spec: { replicas } },
    };
  });
  return recordedSizes(events);
}

/** The changing texts of one controller's Events about objects of a kind, in order of their first appearance. */
export function recordedTexts(events: readonly RecordedEvent[], source: string): string[] {
  const texts: string[] = [];
  for (const { kind, f, type } of events) {
    if (kind !== 'Event' || f?.source !== source || type === 'DELETED') continue;
    texts.push(`${f.reason}: ${f.message} x${f.count}`);
  }
  return texts;
}

/** The same of a harness. */
export function simulatedTexts(harness: ControllerHarness, source: string): string[] {
  const normal = new Normaliser(harness);
  return harness.events(EVENTS).flatMap(({ object, type }) => {
    const event = object as Event;
    if (event.source?.component !== source || type === DELETED) return [];
    return [`${event.reason}: ${normal.text(event.message ?? '')} x${event.count}`];
  });
}
