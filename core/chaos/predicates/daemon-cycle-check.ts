/**
 * DS2: the DaemonSet controller does not make and delete pods on a node over and over.
 *
 * Two rates. A pod that neither failed nor is of an old template goes only when its node changes: three such deletions on one unchanged node within ten minutes
 * are a cycle. Not counted is one of two that stand on one node, which a controller has made because its copies lag, and takes back when it sees both. A pod that failed is replaced at once the first time, then after 1 s, 2 s, 4 s … up to 15 min: eight within a minute in the life of one controller, some
 * more where controllers change. Source: Kubernetes 1.34 pkg/controller/daemon (failedPodsBackoff).
 */
import type { KubeObject } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodTerminal } from '../../types/pod-conditions.ts';
import { CONTROLLER_USER } from '../../types/user-names.ts';
import { type CommittedWrite, type Judge, keyOf, listenLater, type Predicate } from '../predicate.ts';
import { targetOf } from './daemon-pods-check.ts';

const CONTROLLER = `${CONTROLLER_USER}daemonset-controller`;
const REVISION = 'controller-revision-hash';
const LIVE_MAX = 3;
const LIVE_WINDOW_US = 600_000_000;
const FAILED_MAX = 12;
const FAILED_WINDOW_US = 60_000_000;

/** Deletions on one node for one set and template. */
interface Deletions {
  /** Spec and labels of the node as it was at the last one. */
  node: KubeObject | undefined;
  liveUs: number[];
  failedUs: number[];
}

export function daemonCycles(judge: Judge): Predicate {
  const deletions = new Map<string, Deletions>();
  const predicate: Predicate = {
    id: 'DS2',
    about: 'no daemon pod is made and deleted on one node over and over',
    evaluations: 0,
    commitKinds: ['DaemonSet'],
    onCommit: listenLater(judge, 'api.write', (_pid, subject) => heard(subject), ['Pod']),
  };
  const heard = (subject: unknown): void => {
    const { op, before, after } = subject as CommittedWrite;
    if (op.request.user !== CONTROLLER || before === null) return;
    const begins = before.metadata.deletionTimestamp === undefined;
    if (!begins || (after !== null && after.metadata.deletionTimestamp === undefined)) return;
    predicate.evaluations++;
    const fault = note(judge, deletions, before as Pod);
    if (fault !== null) judge.violate(predicate, fault);
  };
  return predicate;
}

/** Counts a deletion; what is wrong, or null. */
function note(judge: Judge, known: Map<string, Deletions>, pod: Pod): string | null {
  const nodeName = targetOf(pod.spec);
  const owner = controllerOf(pod);
  const key = `${owner?.uid} ${pod.metadata.labels?.[REVISION]} ${nodeName}`;
  let deletions = known.get(key);
  if (deletions === undefined) {
    deletions = { node: undefined, liveUs: [], failedUs: [] };
    known.set(key, deletions);
  }
  const node = judge.world.nodeNamed(nodeName);
  const changed = deletions.node?.spec !== node?.spec || deletions.node?.metadata.labels !== node?.metadata.labels;
  deletions.node = node;
  if (changed) deletions.liveUs = [];
  const failed = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
  const { now } = judge.sim;
  if (!failed && hasTwin(judge, pod, nodeName)) return null;
  const times = failed ? deletions.failedUs : deletions.liveUs;
  times.push(now);
  const [max, windowUs] = failed ? [FAILED_MAX, FAILED_WINDOW_US] : [LIVE_MAX, LIVE_WINDOW_US];
  if (times.length > max) times.shift();
  if (times.length < max || now - (times[0] as number) > windowUs) return null;
  const what = failed ? 'that failed were replaced' : 'were deleted although the node did not change';
  return `${max} pods like ${keyOf(pod)} on ${nodeName} ${what} within ${windowUs / 1_000_000} s`;
}

/** Whether another live pod of the same owner is meant for the same node. */
function hasTwin({ world }: Judge, pod: Pod, nodeName: string): boolean {
  const { uid } = pod.metadata;
  const owner = controllerOf(pod)?.uid;
  for (const object of world.of('Pod').values()) {
    const other = object as Pod;
    if (other.metadata.uid === uid || other.metadata.deletionTimestamp !== undefined || isPodTerminal(other)) continue;
    if (controllerOf(other)?.uid === owner && targetOf(other.spec) === nodeName) return true;
  }
  return false;
}
