/**
 * The taints that the node controllers put on nodes, and the way they change them: read, compute, patch with the version read.
 *
 * Source: Kubernetes 1.34 pkg/controller/nodelifecycle (nodeConditionToTaintKeyStatusMap, doNoScheduleTaintingPass) and
 * pkg/controller/util/node, pkg/controller/controller_utils.go (AddOrUpdateTaintOnNode, RemoveTaintOffNode).
 */
import type { Client } from '../../client/client.ts';
import { defineMark } from '../../sim/registry.ts';
import type { Wait } from '../../sim/task.ts';
import type { Node, Taint } from '../../types/node.ts';
import { NODES } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { formatTime } from '../../types/time.ts';

const MARK_TAINT_CONFLICT = defineMark('node-taint-conflict', 'a taint patch met a newer version of the node');

const NOT_READY_KEY = 'node.kubernetes.io/not-ready';
const UNREACHABLE_KEY = 'node.kubernetes.io/unreachable';
const UNSCHEDULABLE_KEY = 'node.kubernetes.io/unschedulable';

export const NOT_READY_TAINT: Taint = { key: NOT_READY_KEY, effect: 'NoExecute' };
export const UNREACHABLE_TAINT: Taint = { key: UNREACHABLE_KEY, effect: 'NoExecute' };

/** Condition type → condition status → taint key. */
const KEY_OF_CONDITION: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: NOT_READY_KEY, Unknown: UNREACHABLE_KEY },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
};

/** Keys of NoSchedule taints that belong to the controller: it removes those that no condition calls for. */
const OWNED_KEYS: ReadonlySet<string> = new Set([
  ...Object.values(KEY_OF_CONDITION).flatMap((keys) => Object.values(keys)),
  UNSCHEDULABLE_KEY,
]);

const RETRIES = 5;
const RETRY_US = 100_000;

/** Whether the node carries a taint with this one's key and effect. */
export function hasTaint(node: Node, taint: Taint): boolean {
  const taints = node.spec?.taints;
  if (taints === undefined) return false;
  for (let i = 0; i < taints.length; i++) if (matches(taints[i] as Taint, taint)) return true;
  return false;
}

/** What has to change for the NoSchedule taints to say what conditions and `unschedulable` say. */
export interface TaintChange {
  readonly add: readonly Taint[];
  readonly remove: readonly Taint[];
}

const NO_CHANGE: TaintChange = { add: [], remove: [] };

/** Compares a node's NoSchedule taints with its conditions. */
export function noScheduleChange(node: Node): TaintChange {
  const conditions = node.status?.conditions;
  const taints = node.spec?.taints ?? [];
  let wanted: Taint[] | null = null;
  for (let i = 0; conditions !== undefined && i < conditions.length; i++) {
    const { type, status } = conditions[i] as { type: string; status: string };
    const key = KEY_OF_CONDITION[type]?.[status];
    if (key === undefined) continue;
    wanted ??= [];
    wanted.push({ key, effect: 'NoSchedule' });
  }
  if (node.spec?.unschedulable === true) {
    wanted ??= [];
    wanted.push({ key: UNSCHEDULABLE_KEY, effect: 'NoSchedule' });
  }
  if (wanted === null && taints.length === 0) return NO_CHANGE;
  const want = wanted ?? [];
  const add = want.filter((taint) => !taints.some((known) => matches(known, taint)));
  const remove = taints.filter(
    (known) =>
      known.effect === 'NoSchedule' && OWNED_KEYS.has(known.key) && !want.some((taint) => matches(known, taint)),
  );
  return add.length === 0 && remove.length === 0 ? NO_CHANGE : { add, remove };
}

/**
 * Adds `add` with the present time, then removes `remove`: two patches, as the real controller does. `node` is the caller's copy, which
 * alone decides whether a removal is needed. Throws StatusError.
 */
export function* swapTaints(
  client: Client,
  node: Node,
  add: readonly Taint[],
  remove: readonly Taint[],
): Generator<Wait, void, unknown> {
  if (add.length > 0) {
    const timeAdded = formatTime(client.ctx.wallUs());
    const stamped = add.map(({ key, value, effect }) => ({ key, value, effect, timeAdded }));
    yield* changeTaints(client, node.metadata.name, (taints) => withTaints(taints, stamped));
  }
  yield* removeTaints(client, node, remove);
}

/** Removes the taints that `node`, the caller's copy, carries; no request when it carries none. Throws StatusError. */
export function* removeTaints(client: Client, node: Node, remove: readonly Taint[]): Generator<Wait, void, unknown> {
  if (!remove.some((taint) => hasTaint(node, taint))) return;
  yield* changeTaints(client, node.metadata.name, (taints) =>
    taints.filter((known) => !remove.some((taint) => matches(known, taint))),
  );
}

function* changeTaints(
  client: Client,
  name: string,
  change: (taints: readonly Taint[]) => readonly Taint[],
): Generator<Wait, void, unknown> {
  const { ctx } = client;
  for (let attempt = 1; ; attempt++) {
    const node = yield* client.get<Node>(NODES, '', name, attempt === 1 ? { resourceVersion: '0' } : {});
    const before = node.spec?.taints ?? [];
    const after = change(before);
    if (after.length === before.length && after.every((taint, i) => taint === before[i])) return;
    const { resourceVersion } = node.metadata;
    const patch = { metadata: { resourceVersion }, spec: { taints: after.length === 0 ? null : after } };
    try {
      yield* client.patch(NODES, '', name, patch, 'strategic');
      return;
    } catch (error) {
      if (!(error instanceof StatusError) || !error.isConflict || attempt === RETRIES) throw error;
      ctx.mark(MARK_TAINT_CONFLICT);
    }
    yield* ctx.sleep(RETRY_US + ctx.random('node-taint-retry').below(RETRY_US));
  }
}

function withTaints(taints: readonly Taint[], add: readonly Taint[]): readonly Taint[] {
  const kept = taints.map((known) => add.find((taint) => matches(known, taint)) ?? known);
  return [...kept, ...add.filter((taint) => !taints.some((known) => matches(known, taint)))];
}

function matches(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect;
}
