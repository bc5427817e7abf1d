/**
 * Pods through the whole loop: created by a client, stored, seen by the scheduler's informer, queued, placed, bound, stored again.
 *
 * The simulated processes, network and disks are those of every run; nodes are objects without kubelets, and no controllers run, so that nothing
 * but scheduling is measured.
 */
import { Cluster } from '../../../core/cluster/cluster.ts';
import { findPoint } from '../../../core/sim/registry.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { kernelNode, podOf } from './workload.ts';

const S = 1_000_000;
/** Creates at one time. */
const CLIENTS = 32;
const UNPACED_QPS = 1_000_000;

/** One size of the loop. */
export interface LoopShape {
  readonly storeMembers: number;
  readonly nodes: number;
  readonly pods: number;
}

/** Pods bound a second of host time; `now` gives host ms. */
export function boundPerSecond({ storeMembers, nodes, pods }: LoopShape, now: () => number): number {
  const cluster = new Cluster(
    {
      nodes: [],
      controlPlane: { storeMembers, controllerManagers: 0 },
      settings: {
        schedulerQps: UNPACED_QPS,
        schedulerBurst: UNPACED_QPS,
        events: false,
        disableAdmissionPlugins: ['TaintNodesByCondition'],
      },
    },
    { seed: 1 },
  );
  const count = countBound(cluster);
  cluster.sim.run(20 * S);
  applyAll(
    cluster,
    Array.from({ length: nodes }, (_, i) => kernelNode(i)),
  );
  cluster.sim.run(cluster.sim.now + S);
  const template = podOf('pod', 'bench', '100m', '500Mi');
  const objects = Array.from(
    { length: pods },
    (_, i): Pod => ({ ...template, metadata: { ...template.metadata, name: `pod-${i}` } }),
  );
  const startMs = now();
  applyAll(cluster, objects);
  const untilUs = cluster.sim.now + 3600 * S;
  while (count.bound < pods) {
    cluster.sim.run(cluster.sim.now + S / 10);
    if (cluster.sim.now > untilUs) throw new Error(`only ${count.bound} of ${pods} pods are bound after an hour`);
  }
  return (pods / (now() - startMs)) * 1000;
}

/** Hands the objects to a number of clients that create one after the other, and waits for nodes. */
function applyAll(cluster: Cluster, objects: readonly KubeObject[]): void {
  const size = Math.ceil(objects.length / CLIENTS);
  for (let from = 0; from < objects.length; from += size) cluster.user.apply(objects.slice(from, from + size));
  if (objects[0]?.kind !== 'Node') return;
  while (cluster.user.pending > 0) cluster.sim.run(cluster.sim.now + S / 10);
}

function countBound(cluster: Cluster): { bound: number } {
  const counter = { bound: 0 };
  cluster.sim.observation.listen(findPoint('store.commit') as number, (_pid, subject) => {
    const { value, previous } = subject as Record<'value' | 'previous', { readonly object?: KubeObject } | null>;
    const after = value?.object as Pod | undefined;
    if (after?.kind !== 'Pod' || after.spec.nodeName === undefined) return;
    if ((previous?.object as Pod | undefined)?.spec.nodeName === undefined) counter.bound++;
  });
  return counter;
}
