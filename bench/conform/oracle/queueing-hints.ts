/** The subject of the oracle that asks which plugins, having rejected a pod, would have it tried again after a change of the cluster. */
import { Sfc32 } from '../../../core/base/random.ts';
import { SchedulingCore } from '../../../core/scheduler/choice/scheduling-core.ts';
import { DEFAULT_PROFILE } from '../../../core/scheduler/configuration/profile.ts';
import { type ClusterEvent, nodeChanges } from '../../../core/scheduler/queue/cluster-event.ts';
import { changeHelps, listeners, shouldQueue } from '../../../core/scheduler/queue/queueing-hints.ts';
import type { Node } from '../../../core/types/node.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';
import type { Subject } from './subject.ts';

interface HintInput {
  /** The plugins that are asked, in the order of the answer. */
  readonly plugins: readonly string[];
  readonly pod: Pod;
  /** The ResourceClaims that there are. */
  readonly claims: readonly KubeObject[];
  /** The kind that changed, `Self` for the rejected pod. */
  readonly changed: string;
  readonly action: 'add' | 'update' | 'delete';
  readonly old?: KubeObject;
  readonly new?: KubeObject;
}

export const HINT_SUBJECTS: Readonly<Record<string, Subject>> = {
  hints: {
    answer: (input) => answer(input as HintInput),
  },
};

function answer(input: HintInput): readonly string[] {
  const core = new SchedulingCore([DEFAULT_PROFILE], new Sfc32(1, 2, 3), { volumes: true });
  core.putNamespace('default', { team: 'a' });
  core.putNamespace('other', { team: 'b' });
  for (const claim of input.claims) core.putObject(claim);
  const { plugins, pod } = input;
  const { objects, snapshot } = core;
  const rejected = { pod, podClass: core.classOf(pod), snapshot, objects };
  if (input.changed === 'Self') {
    const old = input.old as Pod;
    const before = { pod: old, podClass: core.classOf(old) };
    return plugins.filter((_name, bit) => changeHelps(1 << bit, plugins, rejected, before));
  }
  const event = eventOf(core, input);
  const changes = event.kind === 'node' ? event.changes : 0;
  if (event.kind === 'node' && changes === 0) return [];
  const heard = listeners(plugins, event.kind, objects.deviceGates, changes);
  return plugins.filter((_name, bit) => (heard & (1 << bit)) !== 0 && shouldQueue(1 << bit, plugins, rejected, event));
}

function eventOf(core: SchedulingCore, { changed, action, old, new: next }: HintInput): ClusterEvent {
  if (changed === 'Node') {
    if (action === 'delete') return { kind: 'node-gone', node: old as Node };
    if (old !== undefined) core.putNode(old as Node);
    const node = next as Node;
    const before = (old as Node | undefined) ?? null;
    return { kind: 'node', old: before, node, slot: core.putNode(node), changes: nodeChanges(before, node) };
  }
  if (changed === 'Pod') {
    const pod = (next ?? old) as Pod;
    const podClass = core.classOf(pod);
    if (action === 'delete') return { kind: 'pod-gone', podClass, pod };
    if (action === 'add') return { kind: 'pod-assigned', podClass };
    return { kind: 'pod-changed', podClass, before: core.classOf(old as Pod) };
  }
  return { kind: 'volume', object: (next ?? old) as KubeObject, old, gone: action === 'delete' };
}
