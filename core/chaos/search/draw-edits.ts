/**
 * What people change in what they run: fields that may change at any time, there and perhaps back, objects that are deleted and applied again, nodes that are set apart. Drawn from
 * a stream of its own, so that the rest of a case is drawn as without it.
 *
 * Rules of pauses, partitions, stalled rollouts, Jobs that wait and Services that turn are reached by nothing else. What is left at the end is a state that a cluster can come to:
 * nobody asks for pods that are never ready.
 */
import { applyMergePatch } from '../../types/merge-patch.ts';
import type { KubeObject } from '../../types/object.ts';
import type { PodTemplateSpec } from '../../types/pod.ts';
import type { Operation } from '../plan.ts';
import { nameOf, SCALABLE } from '../workloads.ts';
import type { Surroundings } from './draw-target.ts';
import { hasProbe } from './draw-user.ts';
import type { Draws } from './draws.ts';

const S = 1_000_000;
/** Share of the cases in which somebody changes something. */
const EDITED_PERCENT = 35;
/** Shares of the changes: to a node, to a whole namespace, and deletions of single objects that are applied again. */
const NODE_PERCENT = 10;
const NAMESPACE_PERCENT = 3;
const RENEWED_PERCENT = 15;
/** Objects that others only refer to, or that end by themselves: workloads that go on have renewals of their own. */
const RENEWED: readonly string[] = ['Service', 'PodDisruptionBudget', 'ConfigMap', 'Secret', 'Job', 'Pod'];
const APART = 'search.example/apart';

/** Fields of a spec, as a merge patch. */
type Fields = Readonly<Record<string, unknown>>;

/** What is read of any spec. */
interface Spec {
  readonly replicas?: number;
  readonly parallelism?: number;
  readonly strategy?: { readonly type?: string };
  readonly template?: PodTemplateSpec;
  readonly minAvailable?: unknown;
}

/** One change of an object's spec, or up to three: the last one ends what those before it begin. */
type Edit = (draws: Draws, spec: Spec) => readonly Fields[];

const inTemplate = (annotations: Fields): Fields => ({ template: { metadata: { annotations } } });
const rolling = (rollingUpdate: Fields): Fields => ({ type: 'RollingUpdate', rollingUpdate });
/** Another template, whose pods are the same. */
const turn = (draws: Draws): Fields => inTemplate({ 'search.example/turn': `${draws.range(1, 3)}` });
const turned: Edit = (draws) => [turn(draws)];
const readyLater: Edit = (draws) => [{ minReadySeconds: draws.pick([0, 3, 10]) }];
/** The pods of one template are not ready for ten minutes, those of the next are. A pod with a probe says itself when it is ready. */
const stalled: Edit = (_draws, { template }) =>
  template === undefined || hasProbe(template)
    ? []
    : [inTemplate({ 'seatrial.dev/ready-after': '600s' }), inTemplate({ 'seatrial.dev/ready-after': '1s' })];

const EDITS: Readonly<Record<string, readonly Edit[]>> = {
  Deployment: [
    turned,
    readyLater,
    stalled,
    () => [{ paused: true }, { paused: false }],
    (draws) => [{ revisionHistoryLimit: draws.range(0, 2), ...turn(draws) }],
    (draws, spec) => [{ progressDeadlineSeconds: draws.range(11, 40) }, ...stalled(draws, spec)],
    (draws, { strategy }) => {
      if (strategy?.type === 'Recreate') return [];
      const [maxSurge, maxUnavailable] = draws.pick([[0, 1] as const, [1, 0] as const, ['50%', '25%'] as const]);
      return [{ strategy: rolling({ maxSurge, maxUnavailable }), ...turn(draws) }];
    },
  ],
  ReplicaSet: [turned, readyLater],
  StatefulSet: [
    turned,
    readyLater,
    (draws, { replicas = 1 }) => [{ updateStrategy: rolling({ partition: draws.range(0, replicas) }), ...turn(draws) }],
    (draws) => [{ ordinals: { start: draws.range(0, 2) } }],
    (draws) => {
      const [whenScaled, whenDeleted] = [draws.pick(['Delete', 'Retain']), draws.pick(['Delete', 'Retain'])];
      return [{ persistentVolumeClaimRetentionPolicy: { whenScaled, whenDeleted } }];
    },
  ],
  DaemonSet: [
    turned,
    readyLater,
    stalled,
    (draws) => {
      const surges = draws.chance(50);
      return [
        { updateStrategy: rolling({ maxSurge: surges ? 1 : 0, maxUnavailable: surges ? 0 : 2 }), ...turn(draws) },
      ];
    },
  ],
  Job: [
    () => [{ suspend: true }, { suspend: false }],
    (draws, { parallelism = 1 }) => [{ parallelism: draws.range(0, parallelism + 2) }, { parallelism }],
  ],
  Service: [
    () => [{ type: 'NodePort' }],
    () => [{ publishNotReadyAddresses: true }, { publishNotReadyAddresses: false }],
    () => [{ internalTrafficPolicy: 'Local' }, { internalTrafficPolicy: 'Cluster' }],
    (draws) => [{ ports: [{ name: 'search', port: 81, targetPort: draws.range(8080, 8082) }] }],
  ],
  PodDisruptionBudget: [
    () => [{ unhealthyPodEvictionPolicy: 'AlwaysAllow' }],
    (draws, { minAvailable }) => [
      minAvailable === undefined ? { maxUnavailable: draws.range(1, 2) } : { minAvailable: draws.range(0, 1) },
    ],
  ],
};

/** One or two changes, each of an object, a node or a namespace; none in most cases. */
export function userEdits(workload: readonly KubeObject[], around: Surroundings, draws: Draws): Operation[] {
  if (!draws.chance(EDITED_PERCENT)) return [];
  const operations: Operation[] = [];
  for (let left = draws.range(1, 2); left > 0; left--) {
    const firstS = draws.range(5, Math.max(5, Math.floor(around.untilUs / S) - 40));
    const times: readonly number[] = [firstS, firstS + draws.range(3, 25), firstS + draws.range(30, 35)];
    operations.push(
      ...changes(workload, around, draws).map((what, step) => ({ ...what, atUs: (times[step] as number) * S })),
    );
  }
  return operations;
}

/** What is done, step by step; the instants are still to be said. */
function changes(workload: readonly KubeObject[], around: Surroundings, draws: Draws): readonly Operation[] {
  // A Node that has gone for good must not be made again.
  if (draws.chance(NODE_PERCENT) && around.removals === 0) return setApart(draws.pick(around.nodes), draws);
  if (draws.chance(NAMESPACE_PERCENT)) {
    const namespaces = [...new Set(workload.flatMap(({ metadata }) => metadata.namespace ?? []))];
    if (namespaces.length > 0) return namespaceAnew(draws.pick(namespaces), workload);
  }
  const renewed = workload.filter(({ kind }) => RENEWED.includes(kind));
  if (renewed.length > 0 && draws.chance(RENEWED_PERCENT)) {
    const object = draws.pick(renewed);
    return [{ kind: 'delete', atUs: 0, workload: nameOf(object) }, applied(object)];
  }
  const edited = workload.filter(({ kind }) => EDITS[kind] !== undefined);
  if (edited.length === 0) return [];
  const object = draws.pick(edited);
  const { kind, spec = {} } = object;
  // Who scales is somebody else: a count that everybody sets goes to and fro.
  const own = SCALABLE.includes(kind) ? { replicas: null } : {};
  return draws
    .pick(EDITS[kind] as readonly Edit[])(draws, spec as Spec)
    .map((fields) => applied(applyMergePatch(object, { spec: { ...own, ...fields } }) as KubeObject));
}

function applied(...objects: readonly KubeObject[]): Operation {
  return { kind: 'apply', atUs: 0, objects };
}

/** New pods keep away from a node, or old ones leave it as well, and then not any more. */
function setApart(name: string, draws: Draws): readonly Operation[] {
  const effect = draws.pick(['NoSchedule', 'NoExecute']);
  return [[{ key: APART, effect }], []].map((taints) =>
    applied({ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { taints } } as KubeObject),
  );
}

/** A namespace goes with everything in it, and all of it comes again: too early if it has not gone by then, so once more. */
function namespaceAnew(name: string, workload: readonly KubeObject[]): readonly Operation[] {
  const objects = workload.filter(({ metadata }) => metadata.namespace === name);
  return [{ kind: 'delete', atUs: 0, workload: `Namespace/${name}` }, applied(...objects), applied(...objects)];
}
