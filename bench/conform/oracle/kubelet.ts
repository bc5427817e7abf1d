/** Subjects of the oracle from the kubelet: whether it takes a pod, and which others it kills for it; what it does to a pod's containers. */
import { verdictOn } from '../../../core/node/admission.ts';
import { NodeColumns } from '../../../core/node/node-columns.ts';
import { computePodActions, type FoundContainer, type Sandbox } from '../../../core/node/pod-actions.ts';
import { PodLedger } from '../../../core/node/pod-ledger.ts';
import { FLAG, PodTable } from '../../../core/node/pod-table.ts';
import type { Node } from '../../../core/types/node.ts';
import type { Container, Pod } from '../../../core/types/pod.ts';
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

interface PodActionsInput {
  readonly pod: Pod;
  readonly sandbox: Sandbox;
  readonly found: Readonly<Record<string, FoundByRuntime>>;
}

/** Of a container that was started. Probes say `success`, `failure`, or nothing yet. */
interface FoundByRuntime {
  readonly state: 'running' | 'exited';
  readonly exitCode: number;
  readonly startup: string;
  readonly liveness: string;
}

function podActions(input: unknown): unknown {
  const { pod, sandbox, found } = input as PodActionsInput;
  const init = pod.spec.initContainers ?? [];
  const all = [...init, ...pod.spec.containers];
  const { kill, ...actions } = computePodActions(
    pod,
    sandbox,
    all.map((container) => foundOf(container, init.includes(container), found[container.name])),
  );
  return { ...actions, kill: kill.map((index) => all[index]?.name).sort() };
}

/** The kubelet asks a sidecar's probes only where it has some, and of the others any that has an answer. */
function foundOf(container: Container, isInit: boolean, found: FoundByRuntime | undefined): FoundContainer | null {
  if (found === undefined) return null;
  const startup = isInit && container.startupProbe === undefined ? 'success' : found.startup;
  const liveness = isInit && (container.livenessProbe === undefined || startup !== 'success') ? '' : found.liveness;
  return {
    exitCode: found.state === 'running' ? null : found.exitCode,
    hasStarted: startup === 'success',
    failedProbe: liveness === 'failure' ? 'liveness' : startup === 'failure' ? 'startup' : '',
  };
}

/** The names of those that are killed, without the message that says why. */
function namesOfKilled(recorded: unknown): unknown {
  const { kill, ...rest } = recorded as { readonly kill: readonly string[] };
  return { ...rest, kill: kill.map((text) => text.replace(/:.*/, '')) };
}

export const KUBELET_SUBJECTS: Readonly<Record<string, Subject>> = {
  admission: { answer: admission },
  'pod-actions': { answer: podActions, expected: namesOfKilled },
};
