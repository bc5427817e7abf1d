/** Subject of the oracle from the kubelet: whether it takes a pod, and which others it kills for it. */
import { verdictOn } from '../../../core/node/admission.ts';
import { NodeColumns } from '../../../core/node/node-columns.ts';
import { PodLedger } from '../../../core/node/pod-ledger.ts';
import { FLAG, PodTable } from '../../../core/node/pod-table.ts';
import type { Node } from '../../../core/types/node.ts';
import type { Pod } from '../../../core/types/pod.ts';
import type { Subject } from './subject.ts';

interface AdmissionInput {
  readonly node: Node;
  readonly pods: readonly Pod[];
  readonly pod: Pod;
}

/** What a pod's message says before it. */
const REJECTED = 'Pod was rejected: ';

function admission(input: unknown): unknown {
  const { node, pods: others, pod } = input as AdmissionInput;
  const allocatable = node.status?.allocatable as Readonly<Record<string, string>>;
  const nodes = new NodeColumns([
    { name: node.metadata.name, zone: '', capacity: allocatable, allocatable, labels: {}, taints: [] },
  ]);
  nodes.object[0] = node;
  const pods = new PodTable(1);
  const ledger = new PodLedger({ nodes } as never);
  for (const [index, other] of others.entries()) {
    pods.set(pods.add(0, index, other, null as never), FLAG.admitted);
    ledger.count(0, other, 1);
  }
  const verdict = verdictOn(nodes, pods, 0, pod);
  if ('reason' in verdict) {
    return { admit: false, reason: verdict.reason, message: verdict.message.replace(REJECTED, ''), killed: [] };
  }
  return { admit: true, reason: '', message: '', killed: verdict.map((row) => pods.pod[row]?.metadata.name) };
}

export const KUBELET_SUBJECTS: Readonly<Record<string, Subject>> = { admission: { answer: admission } };
