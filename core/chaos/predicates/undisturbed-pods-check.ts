/**
 * K6: what runs on a node goes on, whatever its kubelet hears or does not hear: a kubelet stops containers only of pods that are being deleted, gone, or have failed by
 * somebody else's word.
 *
 * Judged by committed history when a kubelet has stopped containers. Source: Kubernetes documentation, "Communication
 * between Nodes and the Control Plane"; kubelet 1.34 has no self-fencing.
 */
import type { Pid } from '../../sim/process.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodActive } from '../../types/pod-conditions.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

interface Stopped {
  readonly node: string;
  readonly namespace: string;
  readonly name: string;
  readonly podUid: string;
  readonly byKubelet: boolean;
}

export function undisturbedPods(judge: Judge): Predicate {
  /** Nodes of pods that are neither being deleted nor ended, by uid. */
  const live = new Map<string, string>();
  const predicate: Predicate = {
    id: 'K6',
    about: 'kubelets stop only what is being deleted, gone or failed, and nothing because they are cut off',
    evaluations: 0,
    commitKinds: ['Pod'],
    onCommit({ object, previous }: Commit) {
      const pod = (object ?? previous) as Pod;
      const { uid = '' } = pod.metadata;
      if (object === null || !isPodActive(pod)) live.delete(uid);
      else if (pod.spec !== previous?.spec) live.set(uid, pod.spec.nodeName ?? '');
    },
  };
  listen(judge, 'kubelet.stop', (_pid: Pid, subject) => {
    const { node, namespace, name, podUid, byKubelet } = subject as Stopped;
    if (!byKubelet) return;
    predicate.evaluations++;
    if (live.get(podUid) === node)
      judge.violate(predicate, `${node} stops pod ${namespace}/${name}, which is to run on`);
  });
  return predicate;
}
